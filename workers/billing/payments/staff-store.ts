import { sql } from "../../../shared/sql.ts";

/** What the staff reads and does. */

const columns = "customer_id, from_at, starts_at, period_index, state, attempt_at, declines, failure";

/** A page in the order of the periods, by the index of those that are parked. */
export const selectParked = sql(`
	select ${columns} from periods
	where state = 'parked' and (from_at, customer_id) > (:at, :id) order by from_at, customer_id limit :limit`);

export const selectOfCustomer = sql(`
	select ${columns} from periods where customer_id = :customerId order by from_at desc limit :limit`);

/** Of the same periods; of each the newest, and nothing of a card but what its holder sees. */
export const selectAttempts = sql(`
	select attempt_id, from_at, state, started_at, settled_at, total_minor, currency, reason, bill->>'$.card.brand' as brand,
		bill->>'$.card.last4' as last4
	from attempts
	where customer_id = :customerId and from_at >= coalesce((select min(from_at) from (
		select from_at from periods where customer_id = :customerId order by from_at desc limit :limit)), 0)
	order by from_at desc, number desc limit 200`);

export const selectPeriod = sql(`select ${columns} from periods where customer_id = :customerId and from_at = :fromAt`);

const isParked = "customer_id = :customerId and from_at = :fromAt and state = 'parked'";

export const auditRetry = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'period_retried', customer_id,
		json_object('from', from_at, 'state', state, 'declines', declines), json_object('from', from_at, 'state', 'due', 'declines', 0)
	from periods where ${isParked}
	returning id`);

export const retry = sql(`
	update periods set state = 'due', attempt_at = :now, look_at = :now, declines = 0, round_at = null where ${isParked}`);
