import { sql } from "../../../shared/sql.ts";

/** Months since the year 0, to compare with the end of a card's validity. */
export function monthOf(now: number): number {
	const date = new Date(now);
	return date.getUTCFullYear() * 12 + date.getUTCMonth() + 1;
}

/** Whether one of them may pay for a plan, now or once it has been checked. `:month` is `monthOf` now. */
export const selectHasCard = sql(`
	select exists (
		select 1 from cards
		where customer_id = :customerId and state in ('submitted', 'verified') and exp_year * 12 + exp_month >= :month) as has_card`);
