import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export * from "../../shared/messaging/tables.ts";
export * from "../../shared/staff/tables.ts";

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

/** The contract catalogue, the source of truth: every version of every contract, in the order of the feed. */
export const contractVersions = sqliteTable(
	"contract_versions",
	{
		seq: integer("seq").primaryKey(),
		contractId: text("contract_id").notNull(),
		/** max(previous + 1, milliseconds since 1970). */
		version: integer("version").notNull(),
		withdrawn: integer("withdrawn", { mode: "boolean" }).notNull(),
		/** `ContractTerms` as JSON. */
		terms: text("terms").notNull(),
		/** Of its content, for the feed's checksum. */
		digest: integer("digest").notNull(),
		createdAt: integer("created_at").notNull(),
	},
	(t) => [uniqueIndex("contract_versions_version").on(t.contractId, t.version)],
);
