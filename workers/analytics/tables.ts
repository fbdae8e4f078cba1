import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

export * from "../../shared/messaging/tables.ts";
export * from "../../shared/staff/tables.ts";

/** Facts, and what reports add up of them. Nothing says who a customer is. All tables are WITHOUT ROWID; times are ms, UTC. */

/** Answered surveys. Kept 24 months. */
export const surveys = sqliteTable(
	"surveys",
	{
		id: text("id").primaryKey(),
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

/** Tickets as often as they were closed. Kept 24 months. */
export const closings = sqliteTable(
	"closings",
	{
		ticketId: text("ticket_id").notNull(),
		closing: integer("closing").notNull(),
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
