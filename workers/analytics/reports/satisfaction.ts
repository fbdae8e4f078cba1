import { monthBefore } from "./months.ts";
import { quotient, rate } from "./ratio.ts";
import type { Months } from "./read-sums.ts";
import { addSatisfaction, type SatisfactionSums } from "./store.ts";

/**
 * What customers say in these months, without gaps in their order. `rows` may begin with the month before the first,
 * which is only there to be compared with. Undefined when they say nothing. Means have two decimals.
 */
export function satisfactionOf(value: string, rows: Months<SatisfactionSums>, months: readonly string[]) {
	const sums = addSatisfaction(rows.filter(({ month }) => months.includes(month)));
	if (sums.answered === 0) return undefined;
	const byMonth = new Map(rows.map((row) => [row.month, row]));
	return {
		value,
		count: sums.answered,
		mean: quotient(sums.satisfaction, sums.answered, 2),
		distribution: { 1: sums.rated_1, 2: sums.rated_2, 3: sums.rated_3, 4: sums.rated_4, 5: sums.rated_5 },
		means: {
			expertise: quotient(sums.expertise, sums.answered, 2),
			punctuality: quotient(sums.punctuality, sums.answered, 2),
			friendliness: quotient(sums.friendliness, sums.answered, 2),
		},
		solved: rate(sums.solved, sums.answered),
		trend: months.map((month) => trendOf(month, byMonth.get(month), byMonth.get(monthBefore(month)))),
	};
}

/** `change` is what the mean has gained since the month before; null when one of the two has none. */
function trendOf(month: string, now: SatisfactionSums | undefined, before: SatisfactionSums | undefined) {
	const mean = now ? quotient(now.satisfaction, now.answered, 2) : null;
	const change =
		now && before
			? quotient(now.satisfaction * before.answered - before.satisfaction * now.answered, now.answered * before.answered, 2)
			: null;
	return { month, count: now?.answered ?? 0, mean, change };
}
