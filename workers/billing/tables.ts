import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { Brand, CardReason } from "../../shared/cards.ts";
import { PaymentReason } from "../../shared/events/billing.ts";

export * from "../../shared/contracts/tables.ts";
export * from "../../shared/messaging/tables.ts";
export * from "../../shared/staff/tables.ts";

/** One shard's part of the customers, under the shard's own number. All tables are WITHOUT ROWID; times are ms, UTC. */

/** To whom an invoice is written: `CustomerChanged` of the highest version. */
export const customers = sqliteTable("customers", {
	customerId: text("customer_id").primaryKey(),
	version: integer("version").notNull(),
	email: text("email").notNull(),
	name: text("name"),
	street: text("street"),
	postalCode: text("postal_code"),
	city: text("city"),
	country: text("country"),
	region: text("region"),
	language: text("language").notNull(),
});

/** What is to be charged: `PlanChanged` of the highest version, one for each plan that a customer ever had. */
export const subscriptions = sqliteTable(
	"subscriptions",
	{
		customerId: text("customer_id").notNull(),
		startsAt: integer("starts_at").notNull(),
		version: integer("version").notNull(),
		endsAt: integer("ends_at"),
		/** As in the event: JSON. */
		phases: text("phases").notNull(),
		/** The version that the last period was charged by: periods that were paid before may have to be adjusted to a newer one. */
		chargedVersion: integer("charged_version").notNull().default(0),
		/** How often that was taken back: who had compared what was paid before then cannot say any more that it is as it should be. */
		reopened: integer("reopened").notNull().default(0),
	},
	(t) => [primaryKey({ columns: [t.customerId, t.startsAt] })],
);

/**
 * What has become of each card that was submitted or removed: its final verdict, and a tombstone that stops whatever comes
 * late. Nothing of the number is here.
 */
export const cards = sqliteTable(
	"cards",
	{
		cardId: text("card_id").primaryKey(),
		customerId: text("customer_id").notNull(),
		state: text("state", { enum: ["verified", "rejected", "removed"] }).notNull(),
		/** Of a rejection. */
		reason: text("reason", { enum: CardReason.options }),
		/** Of the intent; null for one that was removed before it came, and for one that another card had used. */
		nonce: text("nonce"),
		/** When the customer quantum took it; null for one that was removed before it came. */
		acceptedAt: integer("accepted_at"),
		changedAt: integer("changed_at").notNull(),
		brand: text("brand", { enum: Brand.options }),
		last4: text("last4"),
		expMonth: integer("exp_month"),
		expYear: integer("exp_year"),
		/** The card that has taken its place. */
		replacedBy: text("replaced_by"),
		/** The batch and the message that gave its verdict, and the batch that removed it. */
		verdictRun: text("verdict_run"),
		removalRun: text("removal_run"),
		/** From when it may be forgotten; null while it is verified. */
		prunableAt: integer("prunable_at"),
	},
	(t) => [
		index("cards_of_customer").on(t.customerId, t.acceptedAt),
		uniqueIndex("cards_nonce").on(t.nonce).where(sql`nonce is not null`),
		index("cards_prunable").on(t.prunableAt),
	],
);

/** The vault: verified cards, each sealed under a data key of its own, which is wrapped under a key-encryption key. */
export const vault = sqliteTable(
	"vault",
	{
		cardId: text("card_id").primaryKey(),
		customerId: text("customer_id").notNull(),
		/** Of the key-encryption key. */
		kekId: text("kek_id").notNull(),
		/** AES-256-GCM, base64url: initialisation vector and ciphertext with tag. */
		wrappedKey: text("wrapped_key").notNull(),
		sealedCard: text("sealed_card").notNull(),
		sealedAt: integer("sealed_at").notNull(),
	},
	(t) => [index("vault_kek").on(t.kekId, t.cardId), index("vault_sealed").on(t.sealedAt)],
);

/** HMAC of customer and number: the same card entered twice is found here. Never leaves billing. */
export const fingerprints = sqliteTable(
	"fingerprints",
	{
		cardId: text("card_id").primaryKey(),
		customerId: text("customer_id").notNull(),
		fingerprint: text("fingerprint").notNull(),
	},
	(t) => [index("fingerprints_of_customer").on(t.customerId, t.fingerprint)],
);

/**
 * A period of a subscription that has come, or is the next to come: what is to be paid. `from` names it with its customer.
 * It is due until it is settled. The one after the last that was looked at is here already, whether or not the plan goes on.
 */
export const periods = sqliteTable(
	"periods",
	{
		customerId: text("customer_id").notNull(),
		fromAt: integer("from_at").notNull(),
		/** Of its subscription. */
		startsAt: integer("starts_at").notNull(),
		/** 0 for the first: see `periodStart`. */
		index: integer("period_index").notNull(),
		/** `void`: the plan had ended before it. `parked`: nothing is tried any more by itself. */
		state: text("state", { enum: ["due", "paid", "parked", "void"] }).notNull(),
		/** From when it may be charged; null when it is not due, and while it waits for a card. */
		attemptAt: integer("attempt_at"),
		/** When the payment job looks at it next: `attempt_at`, or the end of a lease. Null when there is nothing to do. */
		lookAt: integer("look_at"),
		/** Attempts that were declined since the first one, or since another card came, and when that round began. */
		declines: integer("declines").notNull().default(0),
		roundAt: integer("round_at"),
		/** Of the last `PaymentFailed`; null when none was said, or it has recovered. */
		failure: text("failure", { enum: PaymentReason.options }),
		/** max(previous + 1, milliseconds since 1970): of `PaymentFailed` and `PaymentRecovered`. */
		version: integer("version").notNull().default(0),
		/** The last attempt. */
		attemptId: text("attempt_id"),
		/** The batch that last changed its state. */
		run: text("run"),
	},
	(t) => [
		primaryKey({ columns: [t.customerId, t.fromAt] }),
		index("periods_to_look_at").on(t.lookAt).where(sql`look_at is not null`),
		index("periods_parked").on(t.fromAt).where(sql`state = 'parked'`),
	],
);

/** What the provider was asked to charge, once: its id is the idempotency key. Kept: it is what an invoice was made of. */
export const attempts = sqliteTable(
	"attempts",
	{
		attemptId: text("attempt_id").primaryKey(),
		customerId: text("customer_id").notNull(),
		fromAt: integer("from_at").notNull(),
		/** 1, 2, 3 … of its period. */
		number: integer("number").notNull(),
		cardId: text("card_id"),
		/** `given_up`: the provider had never made it, and it is too late to ask under the same key. */
		state: text("state", { enum: ["started", "unknown", "approved", "declined_soft", "declined_hard", "given_up"] }).notNull(),
		startedAt: integer("started_at").notNull(),
		settledAt: integer("settled_at"),
		/** How often the provider was looked up. */
		lookups: integer("lookups").notNull().default(0),
		totalMinor: integer("total_minor").notNull(),
		currency: text("currency").notNull(),
		/** `Bill` as JSON: what is charged, and so what the invoice says. */
		bill: text("bill").notNull(),
		/** The provider's name of the charge; of one that is unknown: of another amount, so that it settles nothing. */
		chargeRef: text("charge_ref"),
		reason: text("reason", { enum: PaymentReason.options }),
		/** The batch that began it, and the one that settled it. */
		startedRun: text("started_run").notNull(),
		settledRun: text("settled_run"),
	},
	(t) => [uniqueIndex("attempts_of_period").on(t.customerId, t.fromAt, t.number)],
);

/**
 * What was charged or given back for a period after it was paid, since a change of the plan came late. Reserved when an
 * attempt with it begins, gone again when that is declined.
 */
export const adjustments = sqliteTable(
	"adjustments",
	{
		/** Of the attempt or refund that brings it. */
		paymentId: text("payment_id").notNull(),
		customerId: text("customer_id").notNull(),
		/** The period that it adjusts. */
		fromAt: integer("from_at").notNull(),
		/** Before tax; below 0 is given back. */
		amountMinor: integer("amount_minor").notNull(),
	},
	(t) => [primaryKey({ columns: [t.paymentId, t.fromAt] }), index("adjustments_of_customer").on(t.customerId)],
);

/** How far each series of numbers has come: `invoice` and `credit_note`. */
export const series = sqliteTable("series", {
	kind: text("kind", { enum: ["invoice", "credit_note"] }).primaryKey(),
	last: integer("last").notNull(),
});

/** Invoices and credit notes. Never edited. */
export const invoices = sqliteTable(
	"invoices",
	{
		invoiceId: text("invoice_id").primaryKey(),
		kind: text("kind", { enum: ["invoice", "credit_note"] }).notNull(),
		/** In its series. */
		number: integer("number").notNull(),
		customerId: text("customer_id").notNull(),
		issuedAt: integer("issued_at").notNull(),
		/** The attempt or refund that it tells of. */
		paymentId: text("payment_id").notNull(),
		currency: text("currency").notNull(),
		totalMinor: integer("total_minor").notNull(),
		/** `Invoice` as JSON. */
		document: text("document").notNull(),
		/** The batch that issued it; `after-a-restore` for one that its customer's shard has given back. */
		run: text("run").notNull(),
	},
	(t) => [
		index("invoices_brought_back").on(t.customerId).where(sql`run = 'after-a-restore'`),
		uniqueIndex("invoices_numbers").on(t.kind, t.number),
		uniqueIndex("invoices_of_payment").on(t.paymentId),
		index("invoices_of_customer").on(t.customerId, t.issuedAt),
	],
);

/** The outbox row of each `InvoiceIssued`: here until the customer quantum has confirmed it. */
export const deliveries = sqliteTable(
	"deliveries",
	{
		invoiceId: text("invoice_id").primaryKey(),
		/** Made from the invoice's. */
		eventId: text("event_id").notNull(),
		createdAt: integer("created_at").notNull(),
		/** When the sweeper last saw to it that its object is at work. */
		checkedAt: integer("checked_at").notNull(),
		/** Null until it has arrived. */
		deliveredAt: integer("delivered_at"),
		/** Why the customer quantum rejected it: then the staff look at it. */
		rejectedReason: text("rejected_reason"),
	},
	(t) => [
		uniqueIndex("deliveries_event").on(t.eventId),
		index("deliveries_to_check").on(t.checkedAt).where(sql`delivered_at is null and rejected_reason is null`),
		index("deliveries_undelivered").on(t.createdAt).where(sql`delivered_at is null`),
	],
);

/** Money that is given back: asked for by the staff, or owed since a plan had ended before what was paid. */
export const refunds = sqliteTable(
	"refunds",
	{
		refundId: text("refund_id").primaryKey(),
		customerId: text("customer_id").notNull(),
		/** The charge that it is given back from, and its invoice. */
		attemptId: text("attempt_id").notNull(),
		/** `failed`: the provider cannot; the staff look at it. */
		state: text("state", { enum: ["due", "unknown", "refunded", "failed"] }).notNull(),
		requestedAt: integer("requested_at").notNull(),
		/** The `email` claim of who asked; `billing` of what is owed. */
		requestedBy: text("requested_by").notNull(),
		/** What the customer is told. */
		reason: text("reason").notNull(),
		netMinor: integer("net_minor").notNull(),
		taxMinor: integer("tax_minor").notNull(),
		currency: text("currency").notNull(),
		/** When it is looked at next; null when it is settled. */
		lookAt: integer("look_at"),
		lookups: integer("lookups").notNull().default(0),
		/** When the provider was first asked. */
		startedAt: integer("started_at"),
		/** When the provider had none of it, too late to ask under the same key: if it still has none later, it is asked anew. */
		missedAt: integer("missed_at"),
		/** How often the provider has refused it: each time that it is tried again, it is asked for under another key. */
		refusals: integer("refusals").notNull().default(0),
		settledAt: integer("settled_at"),
		refundRef: text("refund_ref"),
		/** Of the request that made it: tells a repetition from another request under the same Idempotency-Key. */
		requestDigest: text("request_digest").notNull(),
		settledRun: text("settled_run"),
	},
	(t) => [
		index("refunds_of_attempt").on(t.attemptId),
		index("refunds_to_look_at").on(t.lookAt).where(sql`look_at is not null`),
		index("refunds_failed").on(t.requestedAt).where(sql`state = 'failed'`),
	],
);
