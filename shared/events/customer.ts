import * as v from "valibot";
import { idPattern } from "../ids.ts";

const ticketId = v.pipe(v.string(), v.regex(idPattern("tkt")));
const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most));
/** Milliseconds since 1970, UTC. */
const instant = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What an expert has to be good at. */
export const SkillCategory = v.picklist([
	"television",
	"audio",
	"computer",
	"phone",
	"network",
	"appliance",
	"smart_home",
	"gaming",
]);
export type SkillCategory = v.InferOutput<typeof SkillCategory>;

export const Priority = v.picklist(["low", "normal", "high"]);
export type Priority = v.InferOutput<typeof Priority>;

/** Bytes of UTF-8: what a profile may hold, so that no snapshot of it is ever rejected. */
export const snapshotLimits = { name: 500, street: 800, postalCode: 80, city: 500, country: 2, region: 160, phone: 160 } as const;
const upTo = (bytes: number) => v.pipe(v.string(), v.minLength(1), v.maxBytes(bytes));

/** Where the expert goes, as it stood when the ticket was submitted: sysops never asks back. */
export const CustomerSnapshot = v.object({
	name: upTo(snapshotLimits.name),
	street: upTo(snapshotLimits.street),
	postalCode: upTo(snapshotLimits.postalCode),
	city: upTo(snapshotLimits.city),
	/** ISO 3166-1 alpha-2. */
	country: upTo(snapshotLimits.country),
	region: upTo(snapshotLimits.region),
	phone: upTo(snapshotLimits.phone),
});
export type CustomerSnapshot = v.InferOutput<typeof CustomerSnapshot>;

/** A customer has submitted a ticket. The receipt of this event is what "received by the service team" means. */
export const TicketSubmitted = v.object({
	ticketId,
	submittedAt: instant,
	device: text(120),
	category: SkillCategory,
	priority: Priority,
	text: text(4000),
	customer: CustomerSnapshot,
});
export type TicketSubmitted = v.InferOutput<typeof TicketSubmitted>;

/** A customer has added something to a ticket. Deferred by sysops until it has the ticket. */
export const TicketCommented = v.object({
	ticketId,
	commentId: v.pipe(v.string(), v.regex(idPattern("cmt"))),
	commentedAt: instant,
	text: text(4000),
});
export type TicketCommented = v.InferOutput<typeof TicketCommented>;

/** A customer no longer wants the visit. sysops notes it, and cancels a ticket that still waits. */
export const TicketCancellationRequested = v.object({ ticketId, requestedAt: instant });
export type TicketCancellationRequested = v.InferOutput<typeof TicketCancellationRequested>;
