import * as v from "valibot";
import { bytesToBase64Url, fromBase64Url } from "../../../shared/bytes.ts";
import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare, type Statement } from "../../../shared/sql.ts";
import type { ReportQuery } from "./schemas.ts";

/** A value's months, those without anything left out. */
export type Months<Sums> = readonly ({ readonly month: string } & Sums)[];

interface ValueOfPage {
	readonly value: string;
	readonly place: number;
	readonly month: string | null;
}

/** The sums of a page of values, in the order of their names, and the cursor of the next page. */
export async function readSums<Sums>(
	ctx: Ctx,
	statement: Statement,
	{ by, value = null, from, to, limit, cursor }: Omit<ReportQuery, "value"> & { value?: string | undefined | null },
): Promise<{ values: [value: string, months: Months<Sums>][]; next: string | null }> {
	const params = { by, value, from, to, limit, after: parseCursor(cursor) };
	const { results } = await prepare(ctx.databases.get("00"), statement, params).all<ValueOfPage & Sums>();
	// not ordered in SQL: that would read each row twice
	const inOrder = results.filter(({ place }) => place <= limit).toSorted((a, b) => a.place - b.place);
	const page = Map.groupBy(inOrder, (row) => row.value);
	const found = (row: ValueOfPage & Sums): row is ValueOfPage & { month: string } & Sums => row.month !== null;
	const last = [...page.keys()].at(-1);
	const more = results.some(({ place }) => place > limit) && last !== undefined;
	return {
		values: [...page].map(([value, rows]) => [value, rows.filter(found)]),
		next: more ? bytesToBase64Url(new TextEncoder().encode(JSON.stringify(last))) : null,
	};
}

/** The last value of the page before. Regions have names that are no ids. */
function parseCursor(cursor: string): string {
	if (cursor === "") return "";
	try {
		const bytes = Uint8Array.from(fromBase64Url(cursor), (char) => char.charCodeAt(0));
		return v.parse(v.string(), JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes)));
	} catch {
		throw new Problem("invalid_field", { errors: [{ field: "cursor", rule: "cursor", expected: "the `next` of a page" }] });
	}
}
