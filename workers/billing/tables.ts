import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { Brand, CardReason } from "../../shared/cards.ts";

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
