import * as v from "valibot";
import { PartOfDay, Priority, SkillCategory } from "../../../shared/events/customer.ts";
import { TicketStatus } from "../../../shared/events/sysops.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { line, lines } from "../../../shared/http/texts.ts";
import { idPattern } from "../../../shared/ids.ts";

/** The body of `POST tickets`. Lengths in UTF-16 units after trimming. */
export const NewTicket = v.strictObject({
	device: line(120),
	category: SkillCategory,
	priority: v.optional(Priority, "normal"),
	text: lines(4000),
	/** When a visit suits; always, unless told. */
	availability: v.optional(v.pipe(v.array(PartOfDay), v.minLength(1), v.maxLength(3)), [...PartOfDay.options]),
});
export type NewTicket = v.InferOutput<typeof NewTicket>;

/** The body of `POST tickets/{id}/comments`. */
export const NewComment = v.strictObject({ text: lines(4000) });
export type NewComment = v.InferOutput<typeof NewComment>;

/** `POST tickets/{id}/cancellation` takes an empty object. */
export const NewCancellation = v.strictObject({});

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
	createdAt: instant,
	device: v.string(),
	category: SkillCategory,
	priority: Priority,
	text: v.string(),
	/** Until the service team has decided, the status stays what it was. */
	cancellationRequestedAt: v.nullable(instant),
});
export type Ticket = v.InferOutput<typeof Ticket>;

export const Comment = v.object({
	id: v.pipe(v.string(), v.regex(idPattern("cmt"))),
	createdAt: instant,
	text: v.string(),
});
export type Comment = v.InferOutput<typeof Comment>;

/** With its newest 100 comments in the order of time. */
export const TicketWithComments = v.object({ ...Ticket.entries, comments: v.array(Comment) });
export type TicketWithComments = v.InferOutput<typeof TicketWithComments>;
