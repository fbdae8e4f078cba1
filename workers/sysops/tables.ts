import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export * from "../../shared/messaging/tables.ts";
export * from "../../shared/staff/tables.ts";

/** Tickets in work. All tables are WITHOUT ROWID; times are milliseconds since 1970, UTC. */

export const tickets = sqliteTable(
	"tickets",
	{
		id: text("id").primaryKey(),
		customerId: text("customer_id").notNull(),
		status: text("status", { enum: ["queued", "assigned", "accepted", "in_progress", "resolved", "cancelled"] }).notNull(),
		/** max(previous + 1, milliseconds since 1970): of `TicketStatusChanged`. */
		version: integer("version").notNull().default(0),
		/** The token of the batch that changed it last: what that batch emits is read by it. */
		run: text("run"),
		submittedAt: integer("submitted_at").notNull(),
		receivedAt: integer("received_at").notNull(),
		device: text("device").notNull(),
		category: text("category").notNull(),
		priority: text("priority").notNull(),
		text: text("text").notNull(),
		/** `CustomerSnapshot` as JSON: where the expert goes, as it stood when the ticket was submitted. */
		customer: text("customer").notNull(),
		/** Out of `customer`, for the search: see tickets/search-keys.ts. */
		customerName: text("customer_name").notNull().default(""),
		customerPhone: text("customer_phone").notNull().default(""),
		/** Out of `customer`: where an expert is sent from. */
		region: text("region").notNull().default(""),
		/** `PartOfDay`s as JSON. */
		availability: text("availability").notNull().default('["morning","afternoon","evening"]'),
		/** The e-mail of who of the staff opened it; null for the customer. */
		openedBy: text("opened_by"),
		/** When it was submitted, or last reopened: since when it waits. */
		openedAt: integer("opened_at").notNull().default(0),
		/** Why the last assignment found nobody for it, as a word. */
		waitingReason: text("waiting_reason"),
		/** `steps` of `TicketStatusChanged` as JSON. */
		steps: text("steps").notNull().default("[]"),
		changedAt: integer("changed_at").notNull().default(0),
		expertId: text("expert_id"),
		expertName: text("expert_name"),
		visitFrom: integer("visit_from"),
		visitTo: integer("visit_to"),
		/** When it was first assigned since it was opened. */
		assignedAt: integer("assigned_at"),
		note: text("note"),
		resolutions: integer("resolutions").notNull().default(0),
		/** Times that it was resolved or cancelled. */
		closings: integer("closings").notNull().default(0),
		closedAt: integer("closed_at"),
		/** The expert whose resolution it was reopened after. */
		reworkOf: text("rework_of"),
		cancellationRequestedAt: integer("cancellation_requested_at"),
		/** When the customer last asked for it: an older wish to cancel is spent. */
		reopenRequestedAt: integer("reopen_requested_at"),
	},
	(t) => [
		index("tickets_by_status").on(t.status, t.submittedAt, t.id),
		index("tickets_waiting").on(t.priority, t.openedAt, t.id).where(sql`status = 'queued'`),
		index("tickets_of_customer").on(t.customerId, t.submittedAt, t.id),
		index("tickets_by_name").on(t.customerName, t.submittedAt, t.id),
		index("tickets_by_phone").on(t.customerPhone, t.submittedAt, t.id),
		index("tickets_of_expert").on(t.expertId, t.visitFrom, t.id).where(sql`status in ('assigned', 'accepted', 'in_progress')`),
		index("tickets_overdue").on(t.visitTo, t.id).where(sql`status in ('accepted', 'in_progress')`),
		index("tickets_stuck").on(t.openedAt, t.id).where(sql`waiting_reason is not null`),
		index("tickets_stuck_for").on(t.waitingReason, t.openedAt, t.id).where(sql`waiting_reason is not null`),
		// until when the expert may answer: a day after the assignment, and before the visit
		index("tickets_unanswered")
			.on(sql`case when visit_from < changed_at + 86400000 then visit_from else changed_at + 86400000 end`, t.id)
			.where(sql`status = 'assigned'`),
		index("tickets_closed").on(t.closedAt).where(sql`closed_at is not null`),
	],
);

/** Who can be sent, and where, for what, when. */
export const experts = sqliteTable(
	"experts",
	{
		id: text("id").primaryKey(),
		/** As customers read it. */
		name: text("name").notNull(),
		/** As in the Access token: who acts as this expert. */
		email: text("email").notNull(),
		/** Gets new visits. */
		active: integer("active", { mode: "boolean" }).notNull(),
		/** `{ [SkillCategory]: 1 | 2 | 3 }` as JSON. */
		skills: text("skills").notNull(),
		/** JSON, the home region first. */
		regions: text("regions").notNull(),
		/** `[{ day: 1 (Monday) to 7, from, to }]` as JSON, in minutes of the UTC day, half-open. */
		hours: text("hours").notNull(),
		/** `[{ from, to }]` as JSON, in ms, half-open: those that are not over. */
		absences: text("absences").notNull(),
		/** Visits a day at most. */
		capacity: integer("capacity").notNull(),
		/** 1, 2, 3…: what a change or an assignment is based on. */
		version: integer("version").notNull(),
		/** The version as of which the visits to come have been looked through: an older one means that some may not be kept. */
		checkedVersion: integer("checked_version").notNull().default(0),
	},
	(t) => [
		uniqueIndex("experts_email").on(t.email),
		index("experts_active").on(t.active, t.id),
		index("experts_unchecked").on(t.id).where(sql`checked_version < version`),
	],
);

/** Who is where: nobody at two places at once, and one visit a ticket. */
export const visits = sqliteTable(
	"visits",
	{
		expertId: text("expert_id").notNull(),
		startsAt: integer("starts_at").notNull(),
		endsAt: integer("ends_at").notNull(),
		ticketId: text("ticket_id").notNull(),
	},
	(t) => [primaryKey({ columns: [t.expertId, t.startsAt] }), uniqueIndex("visits_ticket").on(t.ticketId)],
);

/** Who has sent a ticket back: it never comes to that expert again. */
export const rejections = sqliteTable(
	"rejections",
	{
		ticketId: text("ticket_id").notNull(),
		expertId: text("expert_id").notNull(),
		rejectedAt: integer("rejected_at").notNull(),
		reason: text("reason").notNull(),
	},
	(t) => [primaryKey({ columns: [t.ticketId, t.expertId] })],
);

export const comments = sqliteTable(
	"comments",
	{
		id: text("id").primaryKey(),
		ticketId: text("ticket_id").notNull(),
		commentedAt: integer("commented_at").notNull(),
		text: text("text").notNull(),
		/** The name of who of the staff wrote it; null for the customer. */
		author: text("author"),
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
