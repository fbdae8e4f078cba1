import { days } from "../../shared/time.ts";

/**
 * Milliseconds that a fact is kept: 24 months, whichever they are. An older one that arrives is accepted without effect,
 * so that one that is pruned never counts twice. What facts have added to the reports stays.
 */
export const keepFacts = 731 * days;

/** SQL: the month of an instant in UTC, as `2026-11`; null behind the year 9999. */
export const monthOf = (instant: string) => `strftime('%Y-%m', ${instant} / 1000, 'unixepoch')`;

/** SQL: by what a row with these columns is reported, as `key` and `value`; a value is null for what does not apply. */
export const dimensions = "json_each(json_object('all', 'all', 'expert', expert_id, 'category', category, 'region', region))";

/** The key of sums of whom or what is reported; a row of `rows` in `addTo` has these columns too. */
const reported = ["dimension", "value", "month"] as const;
/** The key of sums of money: amounts of two currencies are never added. */
const money = ["month", "currency", "outcome"] as const;
const keys = { satisfaction: reported, handling: reported, takings: money } as const;

/** SQL that adds `rows`, with the table's key and `measures`, to the sums in `table`. All of them add up whole numbers only. */
export function addTo(table: keyof typeof keys, measures: readonly string[], rows: string): string {
	const key = keys[table].join(", ");
	return `
	insert into ${table} (${key}, ${measures.join(", ")})
	select ${key}, ${measures.map((measure) => `sum(${measure})`).join(", ")}
	from (${rows}) group by ${key}
	on conflict do update set ${measures.map((measure) => `${measure} = ${measure} + excluded.${measure}`).join(", ")}`;
}
