import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The tables of the messaging, the same in every quantum's databases. All are WITHOUT ROWID; times are ms, UTC. */

/** Events that a destination has not confirmed yet: one row per event and destination, unsigned. */
export const outbox = sqliteTable(
	"outbox",
	{
		eventId: text("event_id").notNull(),
		destination: text("destination").notNull(),
		type: text("type").notNull(),
		/** The unsigned CloudEvent. */
		event: text("event").notNull(),
		/** How often the relay has sent it since it was written or its destination woke. */
		attempts: integer("attempts").notNull(),
		firstDelay: integer("first_delay").notNull(),
		/** Null while parked. */
		nextAttemptAt: integer("next_attempt_at"),
		/** When the relay last sent it; the first send, right after the answer, is not written down. */
		sentAt: integer("sent_at"),
		createdAt: integer("created_at").notNull(),
		/** Why the destination rejected it: such a row is parked. */
		parkedReason: text("parked_reason"),
	},
	(t) => [
		primaryKey({ columns: [t.eventId, t.destination] }),
		index("outbox_due").on(t.destination, t.nextAttemptAt),
		check("outbox_event_size", sql`length(cast(event as blob)) <= 46080`),
	],
);

/** When each destination last confirmed something. */
export const destinations = sqliteTable("destinations", {
	destination: text("destination").primaryKey(),
	lastReceiptAt: integer("last_receipt_at").notNull(),
	/** Set by the first receipt after a silence: rows last sent before it are due, until the relay has paged through. */
	wokenAt: integer("woken_at"),
});

/** Events that were stored, with the verdict: what makes a repetition harmless. Kept 60 days after they last came. */
export const inbox = sqliteTable(
	"inbox",
	{
		source: text("source").notNull(),
		id: text("id").notNull(),
		/** The consumer run whose effects this row admits; null when nothing is to take effect. */
		run: text("run"),
		verdict: text("verdict", { enum: ["accepted", "rejected"] }).notNull(),
		reason: text("reason"),
		/** When it came, to within a day of the last time. */
		receivedAt: integer("received_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.source, t.id] }), index("inbox_received").on(t.receivedAt)],
);

/** Customers whose messages are accepted without effect from now on. */
export const erasedCustomers = sqliteTable("erased_customers", {
	customerId: text("customer_id").primaryKey(),
	erasedAt: integer("erased_at").notNull(),
});

const refusedMessage = {
	messageId: text("message_id").primaryKey(),
	queue: text("queue").notNull(),
	receivedAt: integer("received_at").notNull(),
	bytes: integer("bytes").notNull(),
	/** As the message claims: nobody has vouched for it. */
	claimedId: text("claimed_id"),
	claimedSource: text("claimed_source"),
	claimedType: text("claimed_type"),
};

/** Messages that were not believed or not understood: metadata only. Kept 60 days. */
export const quarantine = sqliteTable("quarantine", { ...refusedMessage, reason: text("reason").notNull() }, (t) => [
	index("quarantine_received").on(t.receivedAt),
]);

/** Messages that the queue gave up on: metadata only, a place to look. The event is still in its producer's outbox. */
export const deadLetters = sqliteTable("dead_letters", refusedMessage, (t) => [index("dead_letters_received").on(t.receivedAt)]);

/** When each Cron Trigger last ran to its end. */
export const cronRuns = sqliteTable("cron_runs", {
	cron: text("cron").primaryKey(),
	ranAt: integer("ran_at").notNull(),
});
