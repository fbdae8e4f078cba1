import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export { cronRuns } from "../../shared/messaging/tables.ts";

/**
 * Properties are named as better-auth names its fields; its dates are milliseconds in the database. It has a fifth model,
 * `account`, for passwords and foreign providers: nobody has one here.
 */
const instant = (name: string) => integer(name, { mode: "timestamp_ms" });

export const users = sqliteTable("users", {
	/** The customer's id: it never changes. */
	id: text("id").primaryKey(),
	/** Empty: the profile has it. */
	name: text("name").notNull(),
	email: text("email").notNull().unique(),
	emailVerified: integer("email_verified", { mode: "boolean" }).notNull(),
	image: text("image"),
	createdAt: instant("created_at").notNull(),
	updatedAt: instant("updated_at").notNull(),
	/** Until when cards and e-mail address cannot be changed, after a recovery. */
	heldUntil: integer("held_until"),
});

export const sessions = sqliteTable(
	"sessions",
	{
		id: text("id").primaryKey(),
		userId: text("user_id").notNull(),
		/** SHA-256 of the session's secret, in hex: who reads the database is nobody's guest. */
		token: text("token").notNull().unique(),
		createdAt: instant("created_at").notNull(),
		/** When it was last used, to within an hour. */
		updatedAt: instant("updated_at").notNull(),
		expiresAt: instant("expires_at").notNull(),
		/** better-auth's; empty. */
		ipAddress: text("ip_address"),
		userAgent: text("user_agent"),
	},
	(t) => [index("sessions_of_user").on(t.userId, t.createdAt), index("sessions_expiry").on(t.expiresAt)],
);

/** Codes that were mailed, as HMAC, and challenges of passkeys. */
export const verifications = sqliteTable(
	"verifications",
	{
		id: text("id").primaryKey(),
		identifier: text("identifier").notNull(),
		value: text("value").notNull(),
		expiresAt: instant("expires_at").notNull(),
		createdAt: instant("created_at").notNull(),
		updatedAt: instant("updated_at").notNull(),
	},
	(t) => [index("verifications_of").on(t.identifier), index("verifications_expiry").on(t.expiresAt)],
);

export const passkeys = sqliteTable(
	"passkeys",
	{
		id: text("id").primaryKey(),
		userId: text("user_id").notNull(),
		name: text("name"),
		publicKey: text("public_key").notNull(),
		credentialID: text("credential_id").notNull().unique(),
		counter: integer("counter").notNull(),
		deviceType: text("device_type").notNull(),
		backedUp: integer("backed_up", { mode: "boolean" }).notNull(),
		transports: text("transports"),
		createdAt: instant("created_at"),
		aaguid: text("aaguid"),
	},
	(t) => [index("passkeys_of_user").on(t.userId)],
);

/** When a code was sent to an address: the budget of 5 an hour and 10 a day. Kept for a day. */
export const codeSends = sqliteTable(
	"code_sends",
	{ email: text("email").notNull(), sentAt: integer("sent_at").notNull(), id: text("id").notNull() },
	(t) => [primaryKey({ columns: [t.email, t.sentAt, t.id] }), index("code_sends_sent").on(t.sentAt)],
);

/**
 * held → changed (here) → done (the customer's shard knows it too); held → cancelled by the customer, or dropped because
 * the address belongs to somebody else by then.
 */
export const emailChanges = sqliteTable(
	"email_changes",
	{
		id: text("id").primaryKey(),
		userId: text("user_id").notNull(),
		oldEmail: text("old_email").notNull(),
		newEmail: text("new_email").notNull(),
		state: text("state", { enum: ["held", "changed", "done", "cancelled", "dropped"] }).notNull(),
		createdAt: integer("created_at").notNull(),
		takesEffectAt: integer("takes_effect_at").notNull(),
		changedAt: integer("changed_at"),
		/** When the Cron Trigger next does something about it; null when nothing is left to do. */
		nextAttemptAt: integer("next_attempt_at"),
		attempts: integer("attempts").notNull(),
	},
	(t) => [
		uniqueIndex("email_changes_held").on(t.userId).where(sql`state = 'held'`),
		index("email_changes_due").on(t.nextAttemptAt),
		index("email_changes_created").on(t.createdAt),
	],
);

/** Mails that tell of something that has happened, until the mail binding has taken them. Never a code. */
export const notices = sqliteTable(
	"notices",
	{
		id: text("id").primaryKey(),
		email: text("email").notNull(),
		kind: text("kind", {
			enum: ["recovered", "email_change_held", "email_changed", "email_change_dropped", "email_taken"],
		}).notNull(),
		createdAt: integer("created_at").notNull(),
		nextAttemptAt: integer("next_attempt_at").notNull(),
		attempts: integer("attempts").notNull(),
	},
	(t) => [index("notices_due").on(t.nextAttemptAt), index("notices_created").on(t.createdAt)],
);
