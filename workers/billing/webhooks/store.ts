import { sql } from "../../../shared/sql.ts";

/**
 * An attempt or refund is not settled and nobody is at work on it: its outcome was not known when it was last looked at, or
 * whoever began it has had its lease. While somebody is, it will be told what the webhook tells.
 */
const isLeft = (begun: string) => `(state = 'unknown' or (state = '${begun}' and started_at <= :now - :lease))`;

/** Its period is looked at next. Returns nothing for one that is unknown, settled, or due already. */
export const wakeAttempt = sql(`
	update periods set look_at = :now
	where (customer_id, from_at) in (select customer_id, from_at from attempts where attempt_id = :id and ${isLeft("started")})
		and (look_at is null or look_at > :now)
	returning 1`);

export const wakeRefund = sql(`
	update refunds set look_at = :now
	where refund_id = :id and ${isLeft("due")} and (look_at is null or look_at > :now)
	returning 1`);
