import { and, desc, sql as drizzleSql, eq } from "drizzle-orm";
import { outboxInsert } from "../../../shared/messaging/outbox.ts";
import { db, placeholder, query, sql } from "../../../shared/sql.ts";
import { notRevoked } from "../sessions/revoked.ts";
import { comments, tickets } from "../tables.ts";

/** What sysops is told of the customer, as event field → column of `profiles`. A profile is complete with all of them. */
export const snapshotColumns = {
	name: "name",
	street: "street",
	postalCode: "postal_code",
	city: "city",
	country: "country",
	region: "region",
	phone: "phone",
} as const;

const columns = Object.entries(snapshotColumns);
const snapshot = `json_object(${columns.map(([field, column]) => `'${field}', p.${column}`).join(", ")})`;
const complete = columns.map(([, column]) => `p.${column} <> ''`).join(" and ");
const activePlan = `exists (select 1 from plans
	where customer_id = :customerId and starts_at <= :now and (ends_at is null or ends_at > :now))`;

/** Everything that a ticket depends on stands in its own guard. Hits nothing when one of it fails or the id is taken. */
export const insertTicket = sql(`
	insert into tickets (id, customer_id, status, created_at, device, category, priority, text, request_digest)
	select :ticketId, :customerId, 'submitted', :now, :device, :category, :priority, :text, :requestDigest
	from profiles as p
	where p.customer_id = :customerId and ${complete} and ${activePlan} and ${notRevoked}
	on conflict do nothing`);

/** `TicketSubmitted`, with the customer's name and address as the shard has them at this moment. */
export const emitTicketSubmitted = outboxInsert({
	event: `json_set(:event, '$.data.customer', ${snapshot})`,
	from: "profiles as p",
	guard: "changes() = 1 and p.customer_id = :customerId",
});

/** Why a ticket could not be submitted. Always one row. */
export const explainRefusal = sql(`
	select ${columns.map(([field, column]) => `p.${column} as ${field}`).join(", ")},
		not ${notRevoked} as revoked, ${activePlan} as active
	from (select 1) left join profiles as p on p.customer_id = :customerId`);

export const insertComment = sql(`
	insert into comments (id, ticket_id, created_at, text, request_digest)
	select :commentId, id, :now, :text, :requestDigest
	from tickets where id = :ticketId and customer_id = :customerId and ${notRevoked}
	on conflict do nothing`);

export const requestCancellation = sql(`
	update tickets set cancellation_requested_at = :now
	where id = :ticketId and customer_id = :customerId and cancellation_requested_at is null and ${notRevoked}`);

/** Directly after the one change that it reports. */
export const emitChange = outboxInsert();

const ticketFields = {
	id: tickets.id,
	status: tickets.status,
	createdAt: tickets.createdAt,
	device: tickets.device,
	category: tickets.category,
	priority: tickets.priority,
	text: tickets.text,
	cancellationRequestedAt: tickets.cancellationRequestedAt,
};

/** A page of a customer's tickets, the newest first. */
export const selectTickets = query(
	db
		.select(ticketFields)
		.from(tickets)
		.where(
			and(
				eq(tickets.customerId, placeholder("customerId")),
				drizzleSql`(${tickets.createdAt}, ${tickets.id}) < (${placeholder("at")}, ${placeholder("id")})`,
			),
		)
		.orderBy(desc(tickets.createdAt), desc(tickets.id))
		.limit(placeholder("limit")),
);

export const selectTicket = query(
	db
		.select({ ...ticketFields, requestDigest: tickets.requestDigest })
		.from(tickets)
		.where(and(eq(tickets.id, placeholder("ticketId")), eq(tickets.customerId, placeholder("customerId")))),
);

/** The newest comments of a ticket: its owner is checked by `selectTicket` in the same batch. */
export const selectComments = query(
	db
		.select({ id: comments.id, createdAt: comments.createdAt, text: comments.text })
		.from(comments)
		.where(eq(comments.ticketId, placeholder("ticketId")))
		.orderBy(desc(comments.createdAt), desc(comments.id))
		.limit(100),
);

export const selectComment = query(
	db
		.select({ id: comments.id, createdAt: comments.createdAt, text: comments.text, requestDigest: comments.requestDigest })
		.from(comments)
		.where(eq(comments.id, placeholder("commentId"))),
);
