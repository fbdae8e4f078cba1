import type { Ctx } from "../../../shared/context.ts";
import { prepare } from "../../../shared/sql.ts";
import { monthsBetween } from "./months.ts";
import type { TakingsQuery } from "./schemas.ts";
import { selectTakings, type TakingsSum } from "./store.ts";
import { takingsOf } from "./takings.ts";

/** What was charged, given back and declined, each month and currency apart. Throws for months that are too many. */
export async function reportTakings({ ctx, input }: { ctx: Ctx; input: TakingsQuery }) {
	const { from, to } = input;
	monthsBetween(input);
	const { results } = await prepare(ctx.databases.get("00"), selectTakings, { from, to }).all<TakingsSum>();
	const items = [...Map.groupBy(results, ({ month, currency }) => `${month} ${currency}`).values()].flatMap((sums) => {
		const [first] = sums;
		return first ? [takingsOf(first.month, first.currency, sums)] : [];
	});
	return { from, to, items };
}
