import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { days } from "../../../shared/time.ts";
import { aboutTicket, keepComment, named } from "./store.ts";
import { closed, emitClosed, emitStatusChanged, movedTo, released } from "./transition.ts";

const reopenWithin = 14 * days;

/** The wishes that still hold: about the newest resolution, and in time. A ticket that is reopened no longer answers to them. */
const wishes = `(select t.id as ticket_id, max(m.value->>'$.data.requestedAt') as requested_at
	from ${admitted} cross join tickets as t on t.id = m.value->>'$.data.ticketId'
	where t.status = 'resolved' and t.resolutions = m.value->>'$.data.resolution'
		and m.value->>'$.data.requestedAt' <= t.closed_at + ${reopenWithin}
	group by t.id)`;

const granted = "t.reopen_requested_at = m.value->>'$.data.requestedAt'";

/**
 * A resolved ticket waits again, as new, until an expert is found. What the customer says about it is a comment, whatever
 * becomes of the wish. An older wish to cancel is spent; a newer one, which came first, is fulfilled at once.
 */
export const onTicketReopenRequested = consumption("TicketReopenRequested", {
	...aboutTicket("requestedAt"),
	effects: [
		keepComment("requestedAt"),
		`update tickets set ${movedTo("queued")}, opened_at = :now, rework_of = expert_id, ${released}, assigned_at = null,
			note = null, closed_at = null, reopen_requested_at = wish.requested_at,
			cancellation_requested_at = iif(cancellation_requested_at > wish.requested_at, cancellation_requested_at, null)
		from ${wishes} as wish where tickets.id = wish.ticket_id`,
		`delete from visits where ticket_id in (
			select m.value->>'$.data.ticketId' from ${admitted} cross join tickets as t
				on t.id = m.value->>'$.data.ticketId' and t.run = :run and t.status = 'queued')`,
		`update tickets set ${movedTo("cancelled")}, ${closed}
		where id in ${named}
			and run = :run and +status = 'queued' and cancellation_requested_at is not null`,
		emitStatusChanged(admitted, granted),
		emitClosed(admitted, granted),
	],
});
