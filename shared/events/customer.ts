import * as v from "valibot";
import { CardDisplay, cardLimits } from "../cards.ts";
import { surveyIdPattern } from "../ids.ts";
import { id, instant, text, upTo } from "./fields.ts";

const ticketId = id("tkt");

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

/** When somebody is at home: 8 to 12, 12 to 16 and 16 to 20 o'clock, UTC. */
export const PartOfDay = v.picklist(["morning", "afternoon", "evening"]);
export type PartOfDay = v.InferOutput<typeof PartOfDay>;

/** Where experts are sent from: one of these for every customer. */
export const regions = ["north", "east", "south", "west", "central"] as const;

/** Bytes of UTF-8: what a profile may hold, so that no snapshot of it is ever rejected. */
export const snapshotLimits = { name: 500, street: 800, postalCode: 80, city: 500, country: 2, region: 160, phone: 160 } as const;
/** Bytes of UTF-8 (RFC 5321: 64 before the @, 255 behind it). */
export const emailLimit = 320;

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
	/** When a visit suits the customer. */
	availability: v.pipe(v.array(PartOfDay), v.minLength(1), v.maxLength(3)),
	customer: CustomerSnapshot,
});
export type TicketSubmitted = v.InferOutput<typeof TicketSubmitted>;

/** Of before a customer could say when: it is always. */
export const TicketSubmitted1 = v.pipe(
	v.omit(TicketSubmitted, ["availability"]),
	v.transform((ticket): TicketSubmitted => ({ ...ticket, availability: [...PartOfDay.options] })),
);

/** A customer has added something to a ticket. Deferred by sysops until it has the ticket. */
export const TicketCommented = v.object({
	ticketId,
	commentId: id("cmt"),
	commentedAt: instant,
	text: text(4000),
});
export type TicketCommented = v.InferOutput<typeof TicketCommented>;

/** A customer no longer wants the visit. sysops notes it, and cancels a ticket that still waits. */
export const TicketCancellationRequested = v.object({ ticketId, requestedAt: instant });
export type TicketCancellationRequested = v.InferOutput<typeof TicketCancellationRequested>;

/**
 * The problem is back. Takes effect while the ticket is resolved for the `resolution`-th time, within 14 days; deferred by
 * sysops until it has the ticket.
 */
export const TicketReopenRequested = v.object({
	ticketId,
	requestedAt: instant,
	resolution: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	/** Shown to the service team as the comment of this id. */
	commentId: id("cmt"),
	text: text(4000),
});
export type TicketReopenRequested = v.InferOutput<typeof TicketReopenRequested>;

const rating = v.picklist([1, 2, 3, 4, 5]);

/** Five short questions; ratings go from 1, very poor, to 5, very good. */
const SurveyAnswers = v.object({
	satisfaction: rating,
	/** Was it the right expert? */
	expertise: rating,
	punctuality: rating,
	friendliness: rating,
	solved: v.boolean(),
});

/** A customer has answered the survey of one resolution. Who it was is in no field: analytics does not need it. */
export const SurveySubmitted = v.object({
	surveyId: v.pipe(v.string(), v.regex(surveyIdPattern)),
	submittedAt: instant,
	expertId: v.nullable(id("exp")),
	category: SkillCategory,
	region: upTo(snapshotLimits.region),
	answers: SurveyAnswers,
});
export type SurveySubmitted = v.InferOutput<typeof SurveySubmitted>;

/** The languages in which we write to customers. */
export const Language = v.picklist(["en", "de"]);
export type Language = v.InferOutput<typeof Language>;

/** Who is to be written on an invoice. Versioned; null is what the customer has not said yet. */
export const CustomerChanged = v.object({
	email: upTo(emailLimit),
	name: v.nullable(upTo(snapshotLimits.name)),
	street: v.nullable(upTo(snapshotLimits.street)),
	postalCode: v.nullable(upTo(snapshotLimits.postalCode)),
	city: v.nullable(upTo(snapshotLimits.city)),
	country: v.nullable(upTo(snapshotLimits.country)),
	region: v.nullable(upTo(snapshotLimits.region)),
	language: Language,
});
export type CustomerChanged = v.InferOutput<typeof CustomerChanged>;

/** What a plan may hold at most, so that its event always fits: contracts at once, and phases that still matter. */
export const planLimits = { lines: 20, phases: 20 } as const;

/** A version of a contract that the customer has signed: it keeps its price. */
const PlanLine = v.object({
	contractId: id("ctr"),
	contractVersion: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});

/**
 * A customer has composed, changed or cancelled a plan. Versioned, and the full picture: the lines of each period from
 * `from` on until the next phase begins. A plan is named by its customer and `startsAt`, from where its periods count.
 */
export const PlanChanged = v.object({
	startsAt: instant,
	/** The end of the last period, exclusive; null while it goes on. */
	endsAt: v.nullable(instant),
	/** In the order of `from`, each the start of a period. */
	phases: v.pipe(
		v.array(v.object({ from: instant, lines: v.pipe(v.array(PlanLine), v.minLength(1), v.maxLength(planLimits.lines)) })),
		v.minLength(1),
		v.maxLength(planLimits.phases),
	),
});
export type PlanChanged = v.InferOutput<typeof PlanChanged>;

/**
 * A customer has entered a card, which the browser has encrypted for billing alone: nothing here can be read on the way.
 * The other fields are what the customer sees of it; they have to be what is inside.
 */
export const CardSubmitted = v.object({
	cardId: id("crd"),
	/** Of the intent; the same has to be inside. */
	nonce: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
	/** Compact JWE (RFC 7516): docs/security/cards.md. Whether it is one, billing finds out. */
	jwe: text(cardLimits.jwe),
	...CardDisplay.entries,
	acceptedAt: instant,
	/** A card of the customer that this one takes the place of, once it is verified. */
	replaces: v.nullable(id("crd")),
});
export type CardSubmitted = v.InferOutput<typeof CardSubmitted>;

/** A customer wants a card to be forgotten, whether it was verified, rejected, or has not come yet. */
export const CardRemoved = v.object({ cardId: id("crd"), removedAt: instant });
export type CardRemoved = v.InferOutput<typeof CardRemoved>;
