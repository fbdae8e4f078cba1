import { and, asc, sql as drizzleSql, eq } from "drizzle-orm";
import { db, placeholder, query } from "../../../shared/query.ts";
import { comments, tickets } from "../tables.ts";

/** Of a message `m`: what it refers to has not arrived yet. */
export const ticketUnknown = "not exists (select 1 from tickets where id = m.value->>'$.data.ticketId')";

/** Of a message `m`: the reason to reject it when the ticket is somebody else's. */
export const ofAnotherCustomer = `(select 'other_customer' from tickets
	where id = m.value->>'$.data.ticketId' and customer_id <> m.value->>'$.subject')`;

const ticketFields = {
	id: tickets.id,
	customerId: tickets.customerId,
	status: tickets.status,
	submittedAt: tickets.submittedAt,
	receivedAt: tickets.receivedAt,
	device: tickets.device,
	category: tickets.category,
	priority: tickets.priority,
	text: tickets.text,
	customer: tickets.customer,
	cancellationRequestedAt: tickets.cancellationRequestedAt,
};

/** A page of the tickets in one state, the oldest first. */
export const selectTickets = query(
	db
		.select(ticketFields)
		.from(tickets)
		.where(
			and(
				eq(tickets.status, placeholder("status")),
				drizzleSql`(${tickets.submittedAt}, ${tickets.id}) > (${placeholder("at")}, ${placeholder("id")})`,
			),
		)
		.orderBy(asc(tickets.submittedAt), asc(tickets.id))
		.limit(placeholder("limit")),
);

export const selectTicket = query(
	db
		.select(ticketFields)
		.from(tickets)
		.where(eq(tickets.id, placeholder("ticketId"))),
);

export const selectComments = query(
	db
		.select({ id: comments.id, commentedAt: comments.commentedAt, text: comments.text })
		.from(comments)
		.where(eq(comments.ticketId, placeholder("ticketId")))
		.orderBy(asc(comments.commentedAt), asc(comments.id))
		.limit(100),
);
