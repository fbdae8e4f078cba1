import { Problem } from "../../../shared/http/problem.ts";

/** A report is about at most so many months: what it reads is bounded by them. */
const mostMonths = 24;

/** From the first to the last, both included. Throws `invalid_field` for none and for more than 24. */
export function monthsBetween({ from, to }: { from: string; to: string }): string[] {
	const [first, last] = [numberOf(from), numberOf(to)];
	if (last < first || last - first >= mostMonths) {
		const expected = `from the month \`from\` on, ${mostMonths} months at most`;
		throw new Problem("invalid_field", { errors: [{ field: "to", rule: "range", expected }] });
	}
	return Array.from({ length: last - first + 1 }, (_, i) => nameOf(first + i));
}

/** The month before this one. */
export const monthBefore = (month: string) => nameOf(numberOf(month) - 1);

/** Months since the year 0. */
const numberOf = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;

const nameOf = (number: number) =>
	`${String(Math.floor(number / 12)).padStart(4, "0")}-${String((number % 12) + 1).padStart(2, "0")}`;
