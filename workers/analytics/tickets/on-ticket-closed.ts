import { admitted, consumption } from "../../../shared/messaging/consumption.ts";

/** A closed ticket is one fact for each time that it was closed. */
export const onTicketClosed = consumption("TicketClosed", {
	effects: [
		`insert into closings (ticket_id, closing, outcome, category, region, expert_id, opened_at, assigned_at, closed_at, rework_of, rejected_by)
		select m.value->>'$.data.ticketId', m.value->>'$.data.closing', m.value->>'$.data.outcome', m.value->>'$.data.category',
			m.value->>'$.data.region', m.value->>'$.data.expertId', m.value->>'$.data.openedAt', m.value->>'$.data.assignedAt',
			m.value->>'$.data.closedAt', m.value->>'$.data.reworkOf', m.value->'$.data.rejectedBy'
		from ${admitted} where true
		on conflict do nothing`,
	],
});
