import * as v from "valibot";
import { Priority, SkillCategory, snapshotLimits } from "./customer.ts";
import { id, instant, text, upTo } from "./fields.ts";

const ticketId = id("tkt");
const expertId = id("exp");
const region = upTo(snapshotLimits.region);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What sysops says of a ticket. `received` waits for an expert; `reopened` does so again. */
export const TicketStatus = v.picklist(["received", "assigned", "accepted", "in_progress", "resolved", "cancelled", "reopened"]);
export type TicketStatus = v.InferOutput<typeof TicketStatus>;

/** Characters of a note, steps of a ticket that are told, and experts who have rejected one: so the event always fits. */
export const ticketLimits = { note: 500, steps: 60, rejections: 50 } as const;

/**
 * What has become of a ticket. Versioned, and the full picture: with what was submitted, so that a shard which does not
 * have the ticket, because helpdesk opened it or the shard was put back, has it from now on.
 */
export const TicketStatusChanged = v.object({
	ticketId,
	status: TicketStatus,
	changedAt: instant,
	/** How often it has been resolved so far. */
	resolutions: count,
	/** Who comes, or came. */
	expert: v.nullable(v.object({ id: expertId, name: text(120) })),
	/** Half-open. */
	visit: v.nullable(v.object({ from: instant, to: instant })),
	/** What the expert says of the last resolution. */
	note: v.nullable(text(ticketLimits.note)),
	/** How it came to this, the newest last. */
	steps: v.pipe(v.array(v.object({ status: TicketStatus, at: instant })), v.maxLength(ticketLimits.steps)),
	ticket: v.object({
		submittedAt: instant,
		device: text(120),
		category: SkillCategory,
		priority: Priority,
		text: text(4000),
		region,
	}),
});
export type TicketStatusChanged = v.InferOutput<typeof TicketStatusChanged>;

/** Somebody of the staff has written to the customer. Deferred by the customer Worker until it has the ticket. */
export const TicketReplied = v.object({
	ticketId,
	commentId: id("cmt"),
	repliedAt: instant,
	/** As the customer reads it. */
	author: text(120),
	text: text(4000),
});
export type TicketReplied = v.InferOutput<typeof TicketReplied>;

/** A ticket was resolved or cancelled: a fact for reports, about nobody. Its envelope names no customer. */
export const TicketClosed = v.object({
	ticketId,
	/** 1 for the first time that it is closed. With the ticket it names the fact. */
	closing: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	outcome: v.picklist(["resolved", "cancelled"]),
	category: SkillCategory,
	region,
	/** Who came; null when nobody was assigned. */
	expertId: v.nullable(expertId),
	/** When it was submitted, or last reopened. */
	openedAt: instant,
	/** When it was first assigned since then. */
	assignedAt: v.nullable(instant),
	closedAt: instant,
	/** Whose resolution did not last, when it had been reopened. */
	reworkOf: v.nullable(expertId),
	/** Who has sent it back since it was opened. */
	rejectedBy: v.pipe(v.array(expertId), v.maxLength(ticketLimits.rejections)),
});
export type TicketClosed = v.InferOutput<typeof TicketClosed>;
