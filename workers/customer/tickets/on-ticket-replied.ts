import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { asPreferred, named, notify, unsaid } from "../notifications/notify.ts";

const said = (field: string) => `m.value->>'$.data.${field}'`;

const told = notify({
	ways: asPreferred,
	from: `${admitted} cross join tickets as t on t.id = ${said("ticketId")}`,
	// once, also when the inbox has forgotten it
	where: `not exists (select 1 from comments where id = ${said("commentId")})`,
	template: named("ticket_replied"),
	values: { ...unsaid, ticketId: "t.id", device: "t.device", author: said("author"), text: said("text") },
});

/** What the staff write to the customer. One that overtook its ticket is deferred. */
export const onTicketReplied = consumption("TicketReplied", {
	deferWhile: `not exists (select 1 from tickets where id = ${said("ticketId")})`,
	rejectWhen: `(select 'other_customer' from tickets where id = ${said("ticketId")} and customer_id <> m.value->>'$.subject')`,
	effects: [
		...told,
		`insert into comments (id, ticket_id, created_at, text, author, request_digest)
		select ${said("commentId")}, ${said("ticketId")}, ${said("repliedAt")}, ${said("text")}, ${said("author")}, ''
		from ${admitted} where true
		on conflict do nothing`,
	],
});
