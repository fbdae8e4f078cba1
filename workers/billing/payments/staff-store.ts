import { sql } from "../../../shared/sql.ts";
import { reopenPlans } from "./save.ts";

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
	select attempt_id, from_at, state, started_at, settled_at, total_minor, currency, reason, charge_ref, bill->>'$.card.brand' as brand,
		bill->>'$.card.last4' as last4
	from attempts
	where customer_id = :customerId and from_at >= coalesce((select min(from_at) from (
		select from_at from periods where customer_id = :customerId order by from_at desc limit :limit)), 0)
	order by from_at desc, number desc limit 200`);

export const selectPeriod = sql(`select ${columns} from periods where customer_id = :customerId and from_at = :fromAt`);

const named = "customer_id = :customerId and from_at = :fromAt";

/** Attempts for which the provider has another amount: they are held until the staff have seen to that charge. */
const held = "state = 'unknown' and charge_ref is not null";
const heldRef = `(select charge_ref from attempts where attempts.attempt_id = periods.attempt_id and ${held})`;
const mayBeRetried = `${named} and (state = 'parked' or (state = 'due' and ${heldRef} is not null))`;

export const auditRetry = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'period_retried', customer_id,
		json_object('from', from_at, 'state', state, 'declines', declines, 'chargeRef', ${heldRef}),
		json_object('from', from_at, 'state', 'due', 'declines', 0)
	from periods where ${mayBeRetried}
	returning id`);

export const retry = sql(`
	update periods set state = 'due', attempt_at = :now, look_at = :now, declines = 0, round_at = null where ${mayBeRetried}`);

/** The next attempt has another id, under which nothing was charged. */
export const giveUpHeld = sql(`
	update attempts set state = 'given_up', settled_at = :now, settled_run = :auditId
	where attempt_id = (select attempt_id from periods where ${named}) and ${held}`);

const givenUp = `attempts as a on a.attempt_id = p.attempt_id and a.settled_run = :auditId`;
const itsAdjustments = `periods as p cross join ${givenUp} cross join adjustments as d on d.payment_id = a.attempt_id
	where p.customer_id = :customerId and p.from_at = :fromAt`;

/** What it would have adjusted is to be found again. */
export const compareAgain = sql(`
	${reopenPlans} where customer_id in (select d.customer_id from ${itsAdjustments})`);
export const release = sql(`
	delete from adjustments where payment_id in (select d.payment_id from ${itsAdjustments})`);
