import { hours } from "../../../shared/time.ts";
import { quotient, rate } from "./ratio.ts";
import type { Months } from "./read-sums.ts";
import { addHandling, type HandlingSums } from "./store.ts";

/** What became of tickets in these months; undefined when nothing did. Times are mean hours with one decimal, of so many tickets. */
export function handlingOf(value: string, rows: Months<HandlingSums>) {
	if (rows.length === 0) return undefined;
	const sums = addHandling(rows);
	return {
		value,
		resolved: sums.resolved,
		cancelled: sums.cancelled,
		hoursToAssign: { mean: quotient(sums.assign_ms, sums.assigned * hours, 1), of: sums.assigned },
		hoursToResolve: { mean: quotient(sums.resolve_ms, sums.resolved * hours, 1), of: sums.resolved },
		reopened: rate(sums.reopened, sums.resolved),
		rejected: rate(sums.rejected, sums.rejected + sums.kept),
	};
}
