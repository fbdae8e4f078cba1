import * as v from "valibot";
import { fromBase64Url, toBase64Url } from "../bytes.ts";
import { Problem } from "./problem.ts";

/** Where a list goes on: after the item of this time and id. */
export interface Position {
	readonly at: number;
	readonly id: string;
}

const Cursor = v.strictTuple([v.pipe(v.number(), v.safeInteger()), v.pipe(v.string(), v.regex(/^[0-9a-z_]{1,40}$/))]);

/** The query of every list: `limit` 1 to 100, 20 unless told, and the `cursor` that the last page gave as `next`. */
export const PageQuery = v.object({
	limit: v.optional(v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number), v.minValue(1), v.maxValue(100)), "20"),
	cursor: v.optional(v.pipe(v.string(), v.maxLength(200)), ""),
});

/** Before the first item of a list. Ids are lower case, so `~` sorts behind them all. */
const start = {
	newest: { at: Number.MAX_SAFE_INTEGER, id: "~" },
	oldest: { at: 0, id: "" },
} as const;

/** Where a list that begins with its newest or oldest item goes on. Throws a `Problem` for a cursor that no page gave. */
export function parseCursor(cursor: string, first: keyof typeof start = "newest"): Position {
	if (cursor === "") return start[first];
	try {
		const [at, id] = v.parse(Cursor, JSON.parse(fromBase64Url(cursor)));
		return { at, id };
	} catch {
		throw new Problem("invalid_field", { errors: [{ field: "cursor", rule: "cursor", expected: "the `next` of a page" }] });
	}
}

export interface Page<Item> {
	readonly items: readonly Item[];
	readonly next: string | null;
}

/** A page out of `limit` + 1 rows: the one too many only tells that there is more. */
export function pageOf<Row, Item>(
	rows: readonly Row[],
	limit: number,
	position: (row: Row) => Position,
	item: (row: Row) => Item,
): Page<Item> {
	const shown = rows.slice(0, limit);
	const last = shown.at(-1);
	const more = rows.length > limit && last !== undefined;
	return { items: shown.map(item), next: more ? cursorOf(position(last)) : null };
}

const cursorOf = ({ at, id }: Position) => toBase64Url(JSON.stringify([at, id]));
