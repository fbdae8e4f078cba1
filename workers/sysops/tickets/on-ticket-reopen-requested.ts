import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { ofAnotherCustomer, ticketUnknown } from "./store.ts";

/** What the customer says about it is a comment, whatever becomes of the wish. */
export const onTicketReopenRequested = consumption("TicketReopenRequested", {
	deferWhile: ticketUnknown,
	rejectWhen: ofAnotherCustomer,
	effects: [
		`insert into comments (id, ticket_id, commented_at, text)
		select m.value->>'$.data.commentId', m.value->>'$.data.ticketId', m.value->>'$.data.requestedAt', m.value->>'$.data.text'
		from ${admitted} where true
		on conflict do nothing`,
	],
});
