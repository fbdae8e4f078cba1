import type { Ctx } from "../../../shared/context.ts";
import { handlingOf } from "./handling.ts";
import { monthsBetween } from "./months.ts";
import { readSums } from "./read-sums.ts";
import type { ReportQuery } from "./schemas.ts";
import { type HandlingSums, selectHandling } from "./store.ts";

/** A page of what became of tickets, each expert, category or region apart. Throws for months that are too many. */
export async function reportHandling({ ctx, input }: { ctx: Ctx; input: ReportQuery }) {
	const { by, from, to } = input;
	monthsBetween(input);
	const { values, next } = await readSums<HandlingSums>(ctx, selectHandling, input);
	return { by, from, to, items: values.flatMap(([value, rows]) => handlingOf(value, rows) ?? []), next };
}
