import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { ofAnotherCustomer, ticketUnknown } from "./store.ts";

/** A comment belongs to a ticket of the same customer; one that overtook its ticket is deferred. */
export const onTicketCommented = consumption("TicketCommented", {
	deferWhile: ticketUnknown,
	rejectWhen: ofAnotherCustomer,
	effects: [
		`insert into comments (id, ticket_id, commented_at, text)
		select m.value->>'$.data.commentId', m.value->>'$.data.ticketId', m.value->>'$.data.commentedAt', m.value->>'$.data.text'
		from ${admitted} where true
		on conflict do nothing`,
	],
});
