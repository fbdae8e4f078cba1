import { sql } from "drizzle-orm";
import { type AnySQLiteColumn, check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { Language, snapshotLimits } from "../../shared/events/customer.ts";

export * from "../../shared/contracts/tables.ts";
export * from "../../shared/messaging/tables.ts";

/** One shard's part of the customers. All tables are WITHOUT ROWID; times are milliseconds since 1970, UTC. */

/** Null fields are still missing: a ticket needs them all. None is longer than the snapshot in `TicketSubmitted` takes. */
export const profiles = sqliteTable(
	"profiles",
	{
		customerId: text("customer_id").primaryKey(),
		name: text("name"),
		street: text("street"),
		postalCode: text("postal_code"),
		city: text("city"),
		/** ISO 3166-1 alpha-2. */
		country: text("country"),
		/** Where experts are assigned from. */
		region: text("region"),
		phone: text("phone"),
		/** As identity has it; empty only before the customer has signed in for the first time. */
		email: text("email").notNull().default(""),
		/** When identity changed it: an older change never undoes a newer one. */
		emailChangedAt: integer("email_changed_at").notNull().default(0),
		language: text("language", { enum: Language.options }).notNull().default("en"),
		/** What happens to the customer's tickets, by e-mail and by SMS. */
		notifyByEmail: integer("notify_by_email", { mode: "boolean" }).notNull().default(true),
		notifyBySms: integer("notify_by_sms", { mode: "boolean" }).notNull().default(false),
		/** max(previous + 1, milliseconds since 1970): of `CustomerChanged`. */
		version: integer("version").notNull().default(0),
	},
	(t) => {
		const field = (column: AnySQLiteColumn, bytes: number) =>
			check(`profiles_${column.name}_size`, sql.raw(`length(cast(${column.name} as blob)) <= ${bytes}`));
		return Object.entries(snapshotLimits).map(([name, bytes]) => field(t[name as keyof typeof snapshotLimits], bytes)); // its own keys
	},
);

/** Active from `startsAt`, from where its monthly periods count, until before `endsAt`; null while it goes on. */
export const plans = sqliteTable("plans", {
	customerId: text("customer_id").primaryKey(),
	/** max(previous + 1, milliseconds since 1970): of `PlanChanged`. */
	version: integer("version").notNull().default(0),
	startsAt: integer("starts_at").notNull(),
	endsAt: integer("ends_at"),
	/** What was signed, by the period from which it holds: JSON, see plans/plan.ts. */
	phases: text("phases").notNull().default("[]"),
});

export const tickets = sqliteTable(
	"tickets",
	{
		id: text("id").primaryKey(),
		customerId: text("customer_id").notNull(),
		status: text("status", { enum: ["submitted", "received"] }).notNull(),
		createdAt: integer("created_at").notNull(),
		device: text("device").notNull(),
		category: text("category").notNull(),
		priority: text("priority").notNull(),
		text: text("text").notNull(),
		cancellationRequestedAt: integer("cancellation_requested_at"),
		/** Of the request that made it: tells a repetition from another request under the same Idempotency-Key. */
		requestDigest: text("request_digest").notNull(),
	},
	(t) => [index("tickets_newest").on(t.customerId, t.createdAt, t.id)],
);

export const comments = sqliteTable(
	"comments",
	{
		id: text("id").primaryKey(),
		ticketId: text("ticket_id").notNull(),
		createdAt: integer("created_at").notNull(),
		text: text("text").notNull(),
		requestDigest: text("request_digest").notNull(),
	},
	(t) => [index("comments_of_ticket").on(t.ticketId, t.createdAt, t.id)],
);

/** Sessions that have been signed out: no mutation any more. Kept for as long as a session can last. */
export const revokedSessions = sqliteTable(
	"revoked_sessions",
	{ sessionId: text("session_id").primaryKey(), revokedAt: integer("revoked_at").notNull() },
	(t) => [index("revoked_sessions_revoked").on(t.revokedAt)],
);
