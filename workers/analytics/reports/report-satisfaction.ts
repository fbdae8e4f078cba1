import type { Ctx } from "../../../shared/context.ts";
import { monthBefore, monthsBetween } from "./months.ts";
import { readSums } from "./read-sums.ts";
import { satisfactionOf } from "./satisfaction.ts";
import type { ReportQuery } from "./schemas.ts";
import { type SatisfactionSums, selectSatisfaction } from "./store.ts";

/** A page of what customers say, each expert, category or region apart. Throws for months that are too many. */
export async function reportSatisfaction({ ctx, input }: { ctx: Ctx; input: ReportQuery }) {
	const { by, from, to } = input;
	const months = monthsBetween(input);
	const { values, next } = await readSums<SatisfactionSums>(ctx, selectSatisfaction, { ...input, from: monthBefore(from) });
	return { by, from, to, items: values.flatMap(([value, rows]) => satisfactionOf(value, rows, months) ?? []), next };
}
