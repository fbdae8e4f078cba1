import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export * from "../../shared/messaging/tables.ts";

/** Tickets in work. All tables are WITHOUT ROWID; times are milliseconds since 1970, UTC. */

export const tickets = sqliteTable(
	"tickets",
	{
		id: text("id").primaryKey(),
		customerId: text("customer_id").notNull(),
		status: text("status", { enum: ["queued", "cancelled"] }).notNull(),
		submittedAt: integer("submitted_at").notNull(),
		receivedAt: integer("received_at").notNull(),
		device: text("device").notNull(),
		category: text("category").notNull(),
		priority: text("priority").notNull(),
		text: text("text").notNull(),
		/** `CustomerSnapshot` as JSON: where the expert goes, as it stood when the ticket was submitted. */
		customer: text("customer").notNull(),
		cancellationRequestedAt: integer("cancellation_requested_at"),
	},
	(t) => [index("tickets_by_status").on(t.status, t.submittedAt, t.id)],
);

export const comments = sqliteTable(
	"comments",
	{
		id: text("id").primaryKey(),
		ticketId: text("ticket_id").notNull(),
		commentedAt: integer("commented_at").notNull(),
		text: text("text").notNull(),
	},
	(t) => [index("comments_of_ticket").on(t.ticketId, t.commentedAt, t.id)],
);

/** Who of the staff may do what here. Access says who somebody is, this table what they are. */
export const staff = sqliteTable("staff", {
	/** As in the `email` claim of the Access token, lower case. */
	email: text("email").primaryKey(),
	role: text("role", { enum: ["expert", "helpdesk", "administrator"] }).notNull(),
});
