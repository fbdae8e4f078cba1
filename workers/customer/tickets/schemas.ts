import * as v from "valibot";
import { Priority, SkillCategory } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { line, lines } from "../../../shared/http/texts.ts";
import { idPattern } from "../../../shared/ids.ts";

/** The body of `POST tickets`. Lengths in UTF-16 units after trimming. */
export const NewTicket = v.strictObject({
	device: line(120),
	category: SkillCategory,
	priority: v.optional(Priority, "normal"),
	text: lines(4000),
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
