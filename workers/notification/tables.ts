import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { Language } from "../../shared/events/customer.ts";
import { CardTemplate, Channel, InvoiceTemplate, PaymentTemplate, TicketTemplate } from "../../shared/events/notifications.ts";

export * from "../../shared/messaging/tables.ts";
export * from "../../shared/staff/tables.ts";

/** All tables are WITHOUT ROWID; times are milliseconds since 1970, UTC. */

/** What customers are told, once. To whom and what is forgotten when it has been sent. */
export const notifications = sqliteTable(
	"notifications",
	{
		id: text("id").primaryKey(),
		customerId: text("customer_id").notNull(),
		channel: text("channel", { enum: Channel.options }).notNull(),
		/** Null once sent, and 30 days after it was given up. */
		recipient: text("recipient"),
		language: text("language", { enum: Language.options }).notNull(),
		template: text("template", {
			enum: [...TicketTemplate.options, ...CardTemplate.options, ...InvoiceTemplate.options, ...PaymentTemplate.options],
		}).notNull(),
		/** The template's values as JSON; forgotten with the recipient. */
		content: text("content"),
		/** `failed`: the way out will never take it. `expired`: it was not taken in time. */
		status: text("status", { enum: ["pending", "sent", "failed", "expired"] }).notNull(),
		requestedAt: integer("requested_at").notNull(),
		expiresAt: integer("expires_at").notNull(),
		attempts: integer("attempts").notNull().default(0),
		/** While it is pending. The claim moves it forward and is the lease. */
		nextAttemptAt: integer("next_attempt_at"),
		/** When it was sent or given up. */
		endedAt: integer("ended_at"),
		/** Why the last attempt failed: one of our own words, such as `recipient_suppressed`. */
		failure: text("failure"),
	},
	(t) => [
		index("notifications_due").on(t.channel, t.nextAttemptAt).where(sql`next_attempt_at is not null`),
		index("notifications_by_status").on(t.status, t.requestedAt, t.id),
		index("notifications_ended").on(t.endedAt).where(sql`ended_at is not null`),
		index("notifications_kept").on(t.endedAt).where(sql`ended_at is not null and content is not null`),
	],
);
