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

/** SQL that adds rows of `dimension, value, month` and `measures` to the sums in `table`. Both tables add up whole numbers only. */
export const addTo = (table: "satisfaction" | "handling", measures: readonly string[], rows: string) => `
	insert into ${table} (dimension, value, month, ${measures.join(", ")})
	select dimension, value, month, ${measures.map((measure) => `sum(${measure})`).join(", ")}
	from (${rows}) group by dimension, value, month
	on conflict do update set ${measures.map((measure) => `${measure} = ${measure} + excluded.${measure}`).join(", ")}`;
