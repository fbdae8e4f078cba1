import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export * from "../../shared/messaging/tables.ts";
export * from "../../shared/staff/tables.ts";

/** Facts, and what reports add up of them. Nothing says who a customer is. All tables are WITHOUT ROWID; times are ms, UTC. */

/** Answered surveys. Kept 24 months, as `keepFacts` says. */
export const surveys = sqliteTable(
	"surveys",
	{
		id: text("id").primaryKey(),
		/** The run of the consumer that stored it, and that counted it in `satisfaction`. */
		run: text("run").notNull(),
		submittedAt: integer("submitted_at").notNull(),
		expertId: text("expert_id"),
		category: text("category").notNull(),
		region: text("region").notNull(),
		/** 1, very poor, to 5, very good. */
		satisfaction: integer("satisfaction").notNull(),
		expertise: integer("expertise").notNull(),
		punctuality: integer("punctuality").notNull(),
		friendliness: integer("friendliness").notNull(),
		solved: integer("solved", { mode: "boolean" }).notNull(),
	},
	(t) => [index("surveys_submitted").on(t.submittedAt)],
);

/** Tickets as often as they were closed. Kept as long. */
export const closings = sqliteTable(
	"closings",
	{
		ticketId: text("ticket_id").notNull(),
		closing: integer("closing").notNull(),
		/** The run of the consumer that stored it, and that counted it in `handling`. */
		run: text("run").notNull(),
		outcome: text("outcome", { enum: ["resolved", "cancelled"] }).notNull(),
		category: text("category").notNull(),
		region: text("region").notNull(),
		expertId: text("expert_id"),
		openedAt: integer("opened_at").notNull(),
		assignedAt: integer("assigned_at"),
		closedAt: integer("closed_at").notNull(),
		/** Whose resolution did not last. */
		reworkOf: text("rework_of"),
		/** JSON: the ids of the experts who sent it back. */
		rejectedBy: text("rejected_by").notNull(),
	},
	(t) => [primaryKey({ columns: [t.ticketId, t.closing] }), index("closings_closed").on(t.closedAt)],
);

const dimension = text("dimension", { enum: ["all", "expert", "category", "region"] });

/** What surveys add up to, by the month in which they were submitted. Kept: a row for each month of whom or what was rated. */
export const satisfaction = sqliteTable(
	"satisfaction",
	{
		dimension: dimension.notNull(),
		/** An expert's id, a category, a region; `all`. */
		value: text("value").notNull(),
		/** `2026-11`, UTC. */
		month: text("month").notNull(),
		/** How many surveys. */
		answered: integer("answered").notNull(),
		/** How many of them rate their satisfaction like this. */
		rated1: integer("rated_1").notNull(),
		rated2: integer("rated_2").notNull(),
		rated3: integer("rated_3").notNull(),
		rated4: integer("rated_4").notNull(),
		rated5: integer("rated_5").notNull(),
		/** Sums of the ratings. */
		satisfaction: integer("satisfaction").notNull(),
		expertise: integer("expertise").notNull(),
		punctuality: integer("punctuality").notNull(),
		friendliness: integer("friendliness").notNull(),
		/** How many say that it was solved. */
		solved: integer("solved").notNull(),
	},
	(t) => [primaryKey({ columns: [t.dimension, t.value, t.month] })],
);

/** What closings add up to, by the month in which they were closed. Kept, as `satisfaction`. docs/reports.md defines each. */
export const handling = sqliteTable(
	"handling",
	{
		dimension: dimension.notNull(),
		value: text("value").notNull(),
		month: text("month").notNull(),
		resolved: integer("resolved").notNull(),
		cancelled: integer("cancelled").notNull(),
		/** How many were ever assigned, and how long that took them together. */
		assigned: integer("assigned").notNull(),
		assignMs: integer("assign_ms").notNull(),
		/** How long the resolved ones took together. */
		resolveMs: integer("resolve_ms").notNull(),
		/** Assignments that nobody sent back. */
		kept: integer("kept").notNull(),
		/** Closings of what had been resolved before: of the expert whose resolution did not last. */
		reopened: integer("reopened").notNull(),
		/** Assignments that were sent back: of the expert who did. */
		rejected: integer("rejected").notNull(),
	},
	(t) => [primaryKey({ columns: [t.dimension, t.value, t.month] })],
);

/** Attempts to charge and refunds, as they ended. Kept as long. */
export const payments = sqliteTable(
	"payments",
	{
		paymentId: text("payment_id").primaryKey(),
		/** The run of the consumer that stored it, and that counted it in `takings`. */
		run: text("run").notNull(),
		outcome: text("outcome").notNull(),
		amountMinor: integer("amount_minor").notNull(),
		currency: text("currency").notNull(),
		periodFrom: integer("period_from").notNull(),
		recordedAt: integer("recorded_at").notNull(),
	},
	(t) => [index("payments_recorded").on(t.recordedAt)],
);

/** What payments add up to, by the month in which they ended. Kept: a few rows a month. */
export const takings = sqliteTable(
	"takings",
	{
		/** `2026-11`, UTC. */
		month: text("month").notNull(),
		/** ISO 4217. */
		currency: text("currency").notNull(),
		/** As `PaymentRecorded` says. */
		outcome: text("outcome").notNull(),
		/** How many of them. */
		payments: integer("payments").notNull(),
		amountMinor: integer("amount_minor").notNull(),
	},
	(t) => [primaryKey({ columns: [t.month, t.currency, t.outcome] })],
);
