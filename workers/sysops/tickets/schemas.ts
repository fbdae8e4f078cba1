import * as v from "valibot";
import { PartOfDay, Priority, regions, SkillCategory, snapshotLimits } from "../../../shared/events/customer.ts";
import { ticketLimits } from "../../../shared/events/sysops.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { line, lineOfBytes, lines, phonePattern } from "../../../shared/http/texts.ts";
import { idPattern } from "../../../shared/ids.ts";
import { foldName, phoneDigits } from "./search-keys.ts";
import { statuses } from "./ticket.ts";

/** What cannot be an id is answered like one that does not exist. */
export function ticketIdOf(param: string): string {
	if (!idPattern("tkt").test(param)) throw new Problem("not_found");
	return param;
}

const customerId = v.pipe(v.string(), v.regex(idPattern("cus")));
const field = (name: keyof typeof snapshotLimits) => lineOfBytes(snapshotLimits[name]);

/** The body of `POST tickets`: what a customer says on the phone. */
export const NewTicket = v.strictObject({
	customerId,
	device: line(120),
	category: SkillCategory,
	priority: v.optional(Priority),
	text: lines(4000),
	/** When a visit suits; always, unless told. */
	availability: v.optional(v.pipe(v.array(PartOfDay), v.minLength(1), v.maxLength(3))),
	customer: v.strictObject({
		name: field("name"),
		street: field("street"),
		postalCode: field("postalCode"),
		city: field("city"),
		/** ISO 3166-1 alpha-2. */
		country: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/)),
		region: v.picklist(regions),
		phone: v.pipe(field("phone"), v.regex(phonePattern)),
	}),
});
export type NewTicket = v.InferOutput<typeof NewTicket>;

/** Acceptance, start and cancellation take an empty object. */
export const NewMove = v.strictObject({});

/** The body of `POST tickets/{id}/rejection`. */
export const NewRejection = v.strictObject({ reason: line(ticketLimits.note) });

/** The body of `POST tickets/{id}/resolution`. */
export const NewResolution = v.strictObject({ note: v.optional(v.nullable(lines(ticketLimits.note)), null) });

/** The body of `POST tickets/{id}/replies`. */
export const NewReply = v.strictObject({ text: lines(4000) });

/** By what tickets are searched; each value is what its query compares. */
const searches = {
	status: v.picklist(statuses),
	customer: customerId,
	phone: v.pipe(v.string(), v.maxLength(160), v.transform(phoneDigits), v.regex(/^\d{4,20}$/)),
	name: v.pipe(lineOfBytes(snapshotLimits.name), v.transform(foldName)),
	expert: v.union([v.literal("me"), v.pipe(v.string(), v.regex(idPattern("exp")))]),
	waiting: v.pipe(v.string(), v.regex(/^[a-z_]{0,40}$/)),
	overdue: v.literal("true"),
};
export type SearchKind = keyof typeof searches;
const kinds = Object.keys(searches) as SearchKind[]; // its own keys

/** The query of the list: a page of what one search finds; what is `queued`, unless told. */
export const ListQuery = v.pipe(
	v.object({
		...PageQuery.entries,
		...v.partial(v.object(searches)).entries,
	}),
	v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
		const [kind = "status", ...others] = kinds.filter((name) => value[name] !== undefined);
		if (others.length > 0) {
			addIssue({ expected: `one of ${kinds.join(", ")}`, received: "several" });
			return NEVER;
		}
		const { limit, cursor } = value;
		return { limit, cursor, kind, sought: value[kind] ?? "queued" };
	}),
);
export type ListQuery = v.InferOutput<typeof ListQuery>;
