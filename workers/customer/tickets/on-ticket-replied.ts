import { admitted, consumption } from "../../../shared/messaging/consumption.ts";

/** What the staff write to the customer. One that overtook its ticket is deferred. */
export const onTicketReplied = consumption("TicketReplied", {
	deferWhile: "not exists (select 1 from tickets where id = m.value->>'$.data.ticketId')",
	effects: [
		`insert into comments (id, ticket_id, created_at, text, author, request_digest)
		select m.value->>'$.data.commentId', m.value->>'$.data.ticketId', m.value->>'$.data.repliedAt', m.value->>'$.data.text',
			m.value->>'$.data.author', ''
		from ${admitted} where true
		on conflict do nothing`,
	],
});
