import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { ofAnotherCustomer, ticketUnknown } from "./store.ts";
import { emitClosed, emitStatusChanged, movedTo } from "./transition.ts";

/** The wish is noted whatever the status, unless the ticket was reopened after it; one on which nobody works yet is cancelled. */
export const onTicketCancellationRequested = consumption("TicketCancellationRequested", {
	deferWhile: ticketUnknown,
	rejectWhen: ofAnotherCustomer,
	effects: [
		`update tickets set cancellation_requested_at = m.value->>'$.data.requestedAt'
		from ${admitted}
		where tickets.id = m.value->>'$.data.ticketId' and m.value->>'$.data.requestedAt' > coalesce(tickets.reopen_requested_at, 0)`,
		`update tickets set ${movedTo("cancelled")}, closed_at = :now, closings = closings + 1
		where id in (select m.value->>'$.data.ticketId' from ${admitted})
			and status in ('queued', 'assigned', 'accepted') and cancellation_requested_at is not null`,
		`delete from visits where ticket_id in (
			select m.value->>'$.data.ticketId' from ${admitted} cross join tickets as t
				on t.id = m.value->>'$.data.ticketId' and t.run = :run and t.status = 'cancelled')`,
		emitStatusChanged(admitted),
		emitClosed(admitted),
	],
});
