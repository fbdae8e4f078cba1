import { admitted, consumption } from "../../../shared/messaging/consumption.ts";

/** A submitted ticket waits for an expert. Its receipt tells the customer that the service team has it. */
export const onTicketSubmitted = consumption("TicketSubmitted", {
	effects: [
		`insert into tickets (id, customer_id, status, submitted_at, received_at, device, category, priority, text, customer)
		select m.value->>'$.data.ticketId', m.value->>'$.subject', 'queued', m.value->>'$.data.submittedAt', :now,
			m.value->>'$.data.device', m.value->>'$.data.category', m.value->>'$.data.priority',
			m.value->>'$.data.text', m.value->'$.data.customer'
		from ${admitted} where true
		on conflict do nothing`,
	],
});
