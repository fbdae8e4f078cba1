import * as v from "valibot";
import { PartOfDay, Priority, SkillCategory } from "../../../shared/events/customer.ts";
import { TicketStatus } from "../../../shared/events/sysops.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { line, lines } from "../../../shared/http/texts.ts";
import { idPattern } from "../../../shared/ids.ts";

/** In whatever order it is said, it is the same. */
export const Availability = v.pipe(
	v.array(PartOfDay),
	v.minLength(1),
	v.maxLength(PartOfDay.options.length),
	v.transform((parts) => PartOfDay.options.filter((part) => parts.includes(part))),
);

/** The body of `POST tickets`. Lengths in UTF-16 units after trimming. */
export const NewTicket = v.strictObject({
	device: line(120),
	category: SkillCategory,
	priority: v.optional(Priority, "normal"),
	text: lines(4000),
	/** When a visit suits; always, unless told. */
	availability: v.optional(Availability, [...PartOfDay.options]),
});
export type NewTicket = v.InferOutput<typeof NewTicket>;

/** The body of `POST tickets/{id}/comments`. */
export const NewComment = v.strictObject({ text: lines(4000) });
export type NewComment = v.InferOutput<typeof NewComment>;

/** `POST tickets/{id}/cancellation` takes an empty object. */
export const NewCancellation = v.strictObject({});

/** The body of `POST tickets/{id}/reopening`: what is wrong again. */
export const NewReopening = v.strictObject({ text: lines(4000) });
export type NewReopening = v.InferOutput<typeof NewReopening>;

/** What cannot be an id is answered like one that does not exist. */
export function ticketIdOf(param: string): string {
	if (!idPattern("tkt").test(param)) throw new Problem("not_found");
	return param;
}

const instant = v.pipe(v.string(), v.isoTimestamp());

/** A ticket as its customer sees it. */
export const Ticket = v.object({
	id: v.pipe(v.string(), v.regex(idPattern("tkt"))),
	status: v.picklist(["submitted", ...TicketStatus.options]),
	/** When it came to this status; null while the service team has not answered yet. */
	changedAt: v.nullable(instant),
	createdAt: instant,
	device: v.string(),
	category: SkillCategory,
	priority: Priority,
	text: v.string(),
	/** When a visit suits; null for a ticket that was opened on the phone. */
	availability: v.nullable(v.array(PartOfDay)),
	/** Who comes, or came. */
	expert: v.nullable(v.object({ name: v.string() })),
	/** When; half-open. */
	visit: v.nullable(v.object({ from: instant, to: instant })),
	/** What the expert says of the last resolution. */
	note: v.nullable(v.string()),
	/** How often it has been resolved so far. */
	resolutions: v.pipe(v.number(), v.integer()),
	/** Until the service team has decided, the status stays what it was. */
	cancellationRequestedAt: v.nullable(instant),
	/** The same, of the wish that somebody comes again. */
	reopenRequestedAt: v.nullable(instant),
	/** Before this a resolved ticket can be reopened; null for any other, and once it has been asked for. */
	reopenableUntil: v.nullable(instant),
});
export type Ticket = v.InferOutput<typeof Ticket>;

export const Comment = v.object({
	id: v.pipe(v.string(), v.regex(idPattern("cmt"))),
	createdAt: instant,
	text: v.string(),
	/** The name of who of the service team wrote it; null for the customer's own. */
	author: v.nullable(v.string()),
});
export type Comment = v.InferOutput<typeof Comment>;

/** What the service team says has happened. */
const TicketStep = v.object({ status: TicketStatus, at: instant });
export type TicketStep = v.InferOutput<typeof TicketStep>;

/** With how it came to its status, the newest last, and its newest 100 comments in the order of time. */
export const TicketWithComments = v.object({ ...Ticket.entries, steps: v.array(TicketStep), comments: v.array(Comment) });
export type TicketWithComments = v.InferOutput<typeof TicketWithComments>;
