import { sql } from "../../../shared/sql.ts";
import type { UnpaidRow } from "./payment.ts";
import type { UnpaidPeriod } from "./schemas.ts";

/** Periods that are not paid, the newest first: those from before `:at`. */
export const selectUnpaid = sql(`
	select from_at, to_at, reason, next_attempt_at, amount_minor, currency, changed_at,
		exists (
			select 1 from cards
			where customer_id = :customerId and state in ('submitted', 'verified') and submitted_at > payments.changed_at
		) as card_since
	from payments
	where customer_id = :customerId and state = 'failed' and from_at < :at
	order by from_at desc limit :limit`);

/** What a page shows of them: more than one is rare, and says the same. */
export const newestUnpaid = { at: Number.MAX_SAFE_INTEGER, limit: 3 } as const;

/** Times leave as ISO 8601 instants. */
export const unpaidOf = (row: UnpaidRow): UnpaidPeriod => ({
	period: { from: instant(row.from_at), to: instant(row.to_at) },
	amount: { amountMinor: row.amount_minor, currency: row.currency },
	reason: row.reason,
	failedAt: instant(row.changed_at),
	nextAttemptAt: row.next_attempt_at === null ? null : instant(row.next_attempt_at),
	newCard: row.card_since === 1,
});

const instant = (at: number) => new Date(at).toISOString();
