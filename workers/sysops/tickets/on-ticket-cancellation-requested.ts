import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { aboutTicket, named } from "./store.ts";
import { closed, emitClosed, emitStatusChanged, movedTo } from "./transition.ts";

/** Of several wishes in one batch only the one that was noted tells what came of it. */
const noted = "t.cancellation_requested_at = m.value->>'$.data.requestedAt'";

/**
 * The newest wish is noted whatever the status, unless the ticket was reopened after it; a ticket on which nobody works yet is
 * cancelled.
 */
export const onTicketCancellationRequested = consumption("TicketCancellationRequested", {
	...aboutTicket("requestedAt"),
	effects: [
		`update tickets set cancellation_requested_at = wish.requested_at
		from (select m.value->>'$.data.ticketId' as ticket_id, max(m.value->>'$.data.requestedAt') as requested_at
			from ${admitted} group by ticket_id) as wish
		where tickets.id = wish.ticket_id
			and wish.requested_at > max(coalesce(tickets.reopen_requested_at, 0), coalesce(tickets.cancellation_requested_at, 0))`,
		`update tickets set ${movedTo("cancelled")}, ${closed}
		where id in ${named}
			and +status in ('queued', 'assigned', 'accepted') and cancellation_requested_at is not null`,
		`delete from visits where ticket_id in (
			select m.value->>'$.data.ticketId' from ${admitted} cross join tickets as t
				on t.id = m.value->>'$.data.ticketId' and t.run = :run and t.status = 'cancelled')`,
		emitStatusChanged(admitted, noted),
		emitClosed(admitted, noted),
	],
});
