import type { PaymentRecorded } from "../../../shared/events/billing.ts";
import { type Statement, sql } from "../../../shared/sql.ts";

/**
 * The sums of a page of values in the months from `:from` to `:to`. It leaps from value to value, so that it reads a few
 * rows for each and one for each of its months, however many there are of others. A value without any comes with `month` null:
 * the page is counted in values, and `place`, their order, beyond `:limit` only tells that there is more. `:value`: that one alone, or null.
 */
const pageOfSums = (table: string, columns: readonly string[]): Statement => {
	const after = (value: string) =>
		`(select value from ${table} where dimension = :by and value > ${value} order by value limit 1)`;
	return sql(`
		with recursive page (value, place) as (
			select coalesce(:value, ${after(":after")}), 1
			union all
			select ${after("page.value")}, place + 1 from page
			where page.value is not null and :value is null and place <= :limit)
		select page.value, page.place, t.month, ${columns.map((column) => `t.${column}`).join(", ")}
		from page left join ${table} as t on t.dimension = :by and t.value = page.value
			and t.month between :from and :to
		where page.value is not null`);
};

const ratings = ["rated_1", "rated_2", "rated_3", "rated_4", "rated_5"] as const;
const satisfactionSums = ["answered", ...ratings, "satisfaction", "expertise", "punctuality", "friendliness", "solved"] as const;
/** What `satisfaction` has of a value and a month. */
export type SatisfactionSums = Readonly<Record<(typeof satisfactionSums)[number], number>>;
export const selectSatisfaction = pageOfSums("satisfaction", satisfactionSums);

const handlingSums = ["resolved", "cancelled", "assigned", "assign_ms", "resolve_ms", "kept", "reopened", "rejected"] as const;
/** What `handling` has of a value and a month. */
export type HandlingSums = Readonly<Record<(typeof handlingSums)[number], number>>;
export const selectHandling = pageOfSums("handling", handlingSums);

/** Month by month added up; all zero of none. */
const sumsOf =
	<Column extends string>(columns: readonly Column[]) =>
	(rows: readonly Readonly<Record<Column, number>>[]) =>
		Object.fromEntries(columns.map((column) => [column, rows.reduce((sum, row) => sum + row[column], 0)])) as Record<
			Column,
			number
		>; // column by column

export const addSatisfaction = sumsOf(satisfactionSums);
export const addHandling = sumsOf(handlingSums);

/** What `takings` has of a month, a currency and an outcome. */
export interface TakingsSum {
	readonly month: string;
	readonly currency: string;
	readonly outcome: PaymentRecorded["outcome"];
	readonly payments: number;
	readonly amount_minor: number;
}

/** Reads a row for each month, currency and outcome that there was. */
export const selectTakings = sql(`
	select month, currency, outcome, payments, amount_minor from takings
	where month between :from and :to order by month, currency`);
