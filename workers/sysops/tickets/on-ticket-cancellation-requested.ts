import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { ofAnotherCustomer, ticketUnknown } from "./store.ts";

/** The wish is noted whatever the status; a ticket that still waits is cancelled, since nobody has been sent yet. */
export const onTicketCancellationRequested = consumption("TicketCancellationRequested", {
	deferWhile: ticketUnknown,
	rejectWhen: ofAnotherCustomer,
	effects: [
		`update tickets set
			cancellation_requested_at = m.value->>'$.data.requestedAt',
			status = iif(status = 'queued', 'cancelled', status)
		from ${admitted}
		where tickets.id = m.value->>'$.data.ticketId'`,
	],
});
