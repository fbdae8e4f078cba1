import { admitted, consumption } from "../../../shared/messaging/inbox.ts";
import { ofAnotherCustomer, ticketUnknown } from "./store.ts";

/**
 * A waiting ticket is cancelled; nobody has been sent yet. The `+` keeps SQLite from reading every waiting ticket by its
 * index instead of one by its key.
 */
export const onTicketCancellationRequested = consumption("TicketCancellationRequested", {
	deferWhile: ticketUnknown,
	rejectWhen: ofAnotherCustomer,
	effects: [
		`update tickets set status = 'cancelled', cancellation_requested_at = m.value->>'$.data.requestedAt'
		from ${admitted}
		where tickets.id = m.value->>'$.data.ticketId' and +tickets.status = 'queued'`,
	],
});
