import { type Effect, effect, emission } from "../../../shared/messaging/effects.ts";
import { issuing } from "../invoices/issue.ts";
import { advancePlans, mayHaveFailed, nextVersion, reopenPlans } from "./save.ts";
import { cardOf } from "./store.ts";

/**
 * What the provider has answered, as one batch over rows `m`. Only an attempt that is not settled is, once: the batch that
 * sets `settled_run` does all that follows from it.
 */

const unsettled = "state in ('started', 'unknown')";

const settleAttempts = `
	update attempts set state = m.value->>'$.outcome', settled_at = :now, reason = m.value->>'$.reason',
		charge_ref = m.value->>'$.chargeRef', settled_run = :run
	from json_each(:messages) as m
	where attempts.attempt_id = m.value->>'$.paymentId' and ${unsettled} and m.value->>'$.outcome' <> 'unknown'`;

/** The attempts that this batch has settled, and their periods. */
const settled = `json_each(:messages) as m
	cross join attempts as a on a.attempt_id = m.value->>'$.paymentId' and a.settled_run = :run
	cross join periods as p on p.customer_id = a.customer_id and p.from_at = a.from_at and p.attempt_id = a.attempt_id`;
const isDeclined = "a.state in ('declined_soft', 'declined_hard')";

/** While this card was asked, another one has come to be the customer's: it is tried at once, in a round of its own. */
const otherCard = `coalesce(${cardOf("a.customer_id")} <> a.card_id, false)`;

const postpone = `
	update periods set look_at = m.value->>'$.lookAt'
	from json_each(:messages) as m
	where m.value->>'$.outcome' = 'unknown' and periods.customer_id = m.value->>'$.subject'
		and periods.from_at = m.value->>'$.fromAt' and periods.attempt_id = m.value->>'$.paymentId'
		and exists (select 1 from attempts where attempt_id = periods.attempt_id and ${unsettled})`;

/** One that was charged otherwise keeps the provider's name of that: it stays unknown until the staff have given it back. */
const noteUnknown = `
	update attempts set state = 'unknown', lookups = lookups + 1, charge_ref = coalesce(m.value->>'$.chargeRef', charge_ref)
	from json_each(:messages) as m
	where attempts.attempt_id = m.value->>'$.paymentId' and ${unsettled} and m.value->>'$.outcome' = 'unknown'`;

const tellFailed = emission("PaymentFailed", {
	from: settled,
	where: isDeclined,
	version: nextVersion("p"),
	data: `json_set(m.value->'$.failed', '$.nextAttemptAt',
		iif(${otherCard}, cast(:now as integer), m.value->>'$.failed.nextAttemptAt'))`,
});

/** Before the period forgets that it had failed. */
const tellRecovered = emission("PaymentRecovered", {
	from: settled,
	where: `a.state = 'approved' and ${mayHaveFailed("p")}`,
	version: nextVersion("p"),
	data: "m.value->'$.recovered'",
});

const recordPayment = emission("PaymentRecorded", {
	from: settled,
	where: `(a.state = 'approved' or ${isDeclined}) and a.total_minor > 0`,
	data: "m.value->'$.recorded'",
});

/** The customer's next plan had begun by then. */
const hasNextBy = (period: string) => `exists (select 1 from subscriptions as next where next.customer_id = ${period}.customer_id
	and next.starts_at > ${period}.starts_at and next.starts_at <= ${period}.from_at)`;
const isOver = `${hasNextBy("p")} or exists (select 1 from subscriptions as plan where plan.customer_id = p.customer_id
	and plan.starts_at = p.starts_at and plan.ends_at <= p.from_at)`;

/**
 * What is settled is not looked at by itself any more, but when it is declined and its plan turns out to be over, or when it has
 * become the next plan's meanwhile: then for what comes after it.
 */
const settlePeriods = `
	update periods set state = s.state, attempt_at = s.attempt_at, look_at = iif(s.goes_on, :now, s.attempt_at), declines = s.declines,
		round_at = s.round_at, failure = s.failure, version = s.version, run = :run
	from (
		select customer_id, from_at, iif(retried, 'due', m->>'$.follows.state') as state,
			iif(retried, :now, m->>'$.follows.attemptAt') as attempt_at, iif(retried, 0, m->>'$.follows.declines') as declines,
			iif(retried, null, m->>'$.follows.roundAt') as round_at, failure, version, goes_on
		from (
			select p.customer_id, p.from_at, m.value as m, ${isDeclined} and ${otherCard} as retried,
				iif(a.state = 'given_up', p.failure, a.reason) as failure,
				${isDeclined} and (${isOver}) or p.starts_at <> m.value->>'$.startsAt' as goes_on,
				iif(${isDeclined} or (a.state = 'approved' and ${mayHaveFailed("p")}), ${nextVersion("p")}, p.version) as version
			from ${settled}) limit -1) as s
	where periods.customer_id = s.customer_id and periods.from_at = s.from_at`;

const isUndone = `a.settled_run = :run and a.state <> 'approved'`;
const undone = `json_each(:messages) as m cross join attempts as a on a.attempt_id = m.value->>'$.paymentId' and ${isUndone}`;

/** What an attempt would have adjusted is to be found again. */
const compareAgain = `
	${reopenPlans}
	where customer_id in (select d.customer_id from ${undone} cross join adjustments as d on d.payment_id = a.attempt_id)`;
/**
 * A plan that has changed while its attempt was under way, or was over by then, since the next one had begun or after a restore:
 * whoever was looked at meanwhile could not know that this was paid.
 */
const comparePaid = `
	${reopenPlans}
	from (select p.customer_id, p.from_at, p.starts_at, a.bill->>'$.planVersion' as version
		from ${settled} and a.state = 'approved' limit -1) as s
	where subscriptions.customer_id = s.customer_id and subscriptions.starts_at = s.starts_at
		and (subscriptions.version <> s.version or ${hasNextBy("s")} or subscriptions.ends_at <= s.from_at)`;
/** Of a customer who has something to be compared again: where no invoice comes any more, that is given back, and soon. */
const lookAtVoid = `
	update periods set look_at = :now
	where state in ('void', 'due') and (customer_id, from_at) in (
		select other.customer_id, other.from_at from ${settled}
		cross join subscriptions as late on late.customer_id = p.customer_id and late.version > late.charged_version
		cross join periods as other on other.customer_id = p.customer_id and (other.state = 'void'
			or (other.state = 'due' and other.starts_at = late.starts_at and late.ends_at <= other.from_at)))`;
const release = `delete from adjustments where payment_id in (select a.attempt_id from ${undone})`;

const isPaid = `exists (select 1 from attempts as a
	where a.attempt_id = m.value->>'$.paymentId' and a.settled_run = :run and a.state = 'approved')`;

/** The deliveries of the new invoices are what the last one returns. */
export const settling: readonly Effect[] = [
	settleAttempts,
	postpone,
	noteUnknown,
	tellFailed,
	tellRecovered,
	recordPayment,
	settlePeriods,
	compareAgain,
	release,
	advancePlans(`${settled} and a.state = 'approved'`, "$.settles"),
	comparePaid,
	lookAtVoid,
	...issuing(isPaid),
].map(effect);
