import { sql } from "drizzle-orm";
import { type AnySQLiteColumn, check, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { Brand } from "../../shared/cards.ts";
import { PaymentReason } from "../../shared/events/billing.ts";
import { Language, snapshotLimits } from "../../shared/events/customer.ts";
import { TicketStatus } from "../../shared/events/sysops.ts";

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
		/** `submitted` until sysops has it; from then on what sysops says. */
		status: text("status", { enum: ["submitted", ...TicketStatus.options] }).notNull(),
		/** Of the last `TicketStatusChanged`; 0 before there was one. */
		version: integer("version").notNull().default(0),
		createdAt: integer("created_at").notNull(),
		device: text("device").notNull(),
		category: text("category").notNull(),
		priority: text("priority").notNull(),
		text: text("text").notNull(),
		/** Of the profile when it was submitted; null for one of before this was kept. */
		region: text("region"),
		/** `PartOfDay`s as JSON; null for one that was opened on the phone. */
		availability: text("availability"),
		/** As `TicketStatusChanged` says: what has happened, as JSON, and who comes when. */
		steps: text("steps").notNull().default("[]"),
		resolutions: integer("resolutions").notNull().default(0),
		expertName: text("expert_name"),
		visitFrom: integer("visit_from"),
		visitTo: integer("visit_to"),
		note: text("note"),
		/** When it came to its status. */
		changedAt: integer("changed_at"),
		cancellationRequestedAt: integer("cancellation_requested_at"),
		reopenRequestedAt: integer("reopen_requested_at"),
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
		/** The name of who of the staff wrote it; null for the customer's own. */
		author: text("author"),
		requestDigest: text("request_digest").notNull(),
	},
	(t) => [index("comments_of_ticket").on(t.ticketId, t.createdAt, t.id)],
);

/** One survey for each time that a ticket was resolved. The answers are never here: only in the outbox, until analytics has them. */
export const surveys = sqliteTable(
	"surveys",
	{
		id: text("id").primaryKey(),
		customerId: text("customer_id").notNull(),
		ticketId: text("ticket_id").notNull(),
		expertId: text("expert_id"),
		expertName: text("expert_name"),
		category: text("category").notNull(),
		region: text("region").notNull(),
		/** The day of the visit. */
		resolvedAt: integer("resolved_at").notNull(),
		expiresAt: integer("expires_at").notNull(),
		answeredAt: integer("answered_at"),
		/** A digest of the key of the request that answered it: its repetition is told so, another one is told that it has been answered. */
		answerKey: text("answer_key"),
	},
	(t) => [index("surveys_expiring").on(t.expiresAt)],
);

/**
 * A card from its intent on: what may be shown of it, and never its number. open → submitted → verified | rejected → removed.
 * The encrypted card itself is only in the outbox, until billing has it.
 */
export const cards = sqliteTable(
	"cards",
	{
		id: text("id").primaryKey(),
		customerId: text("customer_id").notNull(),
		state: text("state", { enum: ["open", "submitted", "verified", "rejected", "removed"] }).notNull(),
		/** Why it is rejected (`CardReason`), or `replaced` of one that another card took the place of. */
		reason: text("reason"),
		/** Of the intent: 128 bits in base64url, the name of the key that it was given, and its end. */
		nonce: text("nonce").notNull(),
		kid: text("kid").notNull(),
		expiresAt: integer("expires_at").notNull(),
		/** The card that it is to take the place of. */
		replaces: text("replaces"),
		createdAt: integer("created_at").notNull(),
		submittedAt: integer("submitted_at"),
		/** When it came to its state. */
		changedAt: integer("changed_at").notNull(),
		brand: text("brand", { enum: Brand.options }),
		last4: text("last4"),
		expMonth: integer("exp_month"),
		expYear: integer("exp_year"),
		/** Of the submission: tells its repetition from another one for the same intent. */
		requestDigest: text("request_digest"),
		/** The batch and the message that brought its verdict: what is told once. */
		verdictRun: text("verdict_run"),
		/** From when it may be forgotten; null while it is of use. */
		prunableAt: integer("prunable_at"),
	},
	// what is shown or still open is ten rows at most; what was removed or never used may be many more
	(t) => [index("cards_of_customer").on(t.customerId, t.state, t.expiresAt), index("cards_prunable").on(t.prunableAt)],
);

/** Sessions that have been signed out: no mutation any more. Kept for as long as a session can last. */
export const revokedSessions = sqliteTable(
	"revoked_sessions",
	{ sessionId: text("session_id").primaryKey(), revokedAt: integer("revoked_at").notNull() },
	(t) => [index("revoked_sessions_revoked").on(t.revokedAt)],
);

/** Invoices and credit notes as billing has issued them. Never edited. */
export const invoices = sqliteTable(
	"invoices",
	{
		id: text("id").primaryKey(),
		customerId: text("customer_id").notNull(),
		kind: text("kind", { enum: ["invoice", "credit_note"] }).notNull(),
		number: text("number").notNull(),
		issuedAt: integer("issued_at").notNull(),
		currency: text("currency").notNull(),
		totalMinor: integer("total_minor").notNull(),
		/** Of a credit note: the invoice that it corrects. */
		corrects: text("corrects"),
		/** `Invoice` as JSON. */
		document: text("document").notNull(),
		/** The batch and the message that brought it: what is told once. */
		run: text("run").notNull(),
	},
	(t) => [
		index("invoices_newest").on(t.customerId, t.issuedAt, t.id),
		index("invoices_corrections").on(t.corrects, t.issuedAt, t.id).where(sql`corrects is not null`),
	],
);

/** What billing last said of a period that could not be charged: `PaymentFailed` or `PaymentRecovered` of the highest version. */
export const payments = sqliteTable(
	"payments",
	{
		customerId: text("customer_id").notNull(),
		fromAt: integer("from_at").notNull(),
		toAt: integer("to_at").notNull(),
		version: integer("version").notNull(),
		state: text("state", { enum: ["failed", "recovered"] }).notNull(),
		/** Of a failure. */
		reason: text("reason", { enum: PaymentReason.options }),
		nextAttemptAt: integer("next_attempt_at"),
		amountMinor: integer("amount_minor").notNull(),
		currency: text("currency").notNull(),
		changedAt: integer("changed_at").notNull(),
	},
	(t) => [primaryKey({ columns: [t.customerId, t.fromAt] }), index("payments_failed").on(t.customerId, t.state)],
);
