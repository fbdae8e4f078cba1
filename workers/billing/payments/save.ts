import { type Effect, effect, emission } from "../../../shared/messaging/effects.ts";
import { hours } from "../../../shared/time.ts";
import { adjustmentsSeen } from "./store.ts";
import { ofTheNextPlan } from "./wake.ts";

/**
 * What is decided about a page of periods, as one batch over rows `m` (`saving.ts`). Each change stands under a guard of its
 * own: what it was decided by is still so. What hits nothing leaves nothing, and the period is looked at again when its
 * lease is over.
 */

const decided = (kind: string) => `json_each(:messages) as m cross join periods as p
	on m.value->>'$.kind' = '${kind}' and p.customer_id = m.value->>'$.subject' and p.from_at = m.value->>'$.fromAt'`;

const planUnchanged = `exists (select 1 from subscriptions
	where customer_id = p.customer_id and starts_at = p.starts_at and version = m.value->>'$.planVersion')`;
const seenUnchanged = `${adjustmentsSeen("p.customer_id")} = m.value->>'$.adjustmentsSeen'`;
const hasCard = `exists (select 1 from cards where cards.customer_id = p.customer_id and cards.state = 'verified'
	and exists (select 1 from vault where vault.card_id = cards.card_id))`;

/** What a version of `PaymentFailed` and `PaymentRecovered` is: a number comes into D1 as a real one. */
export const nextVersion = (period: string) => `max(${period}.version + 1, cast(:now as integer))`;

/**
 * Somebody may have been told that it failed: also of one that is settled hours after it was due, since a database that was put
 * back has forgotten what it said. Whoever has not heard of it is told nothing.
 */
export const mayHaveFailed = (period: string) =>
	`(${period}.failure is not null or :now >= ${period}.from_at + :chargeDelay + ${2 * hours})`;

/** Whoever looks at a period sees to it that the next one is looked at in its time. */
const expectNext = `
	insert into periods (customer_id, from_at, starts_at, period_index, state, attempt_at, look_at)
	select m.value->>'$.subject', m.value->>'$.next.fromAt', m.value->>'$.next.startsAt', m.value->>'$.next.index', 'due',
		m.value->>'$.next.lookAt', m.value->>'$.next.lookAt'
	from json_each(:messages) as m where m.value->>'$.next.fromAt' is not null ${ofTheNextPlan}`;

/** Not over what has made it due in the meantime; a repetition writes nothing. */
const rest = `
	update periods set look_at = m.value->>'$.lookAt'
	from json_each(:messages) as m
	where m.value->>'$.kind' = 'rest' and periods.customer_id = m.value->>'$.subject'
		and periods.from_at = m.value->>'$.fromAt' and periods.look_at is m.value->>'$.lookedAt'
		and periods.look_at is not m.value->>'$.lookAt'
		and periods.state = m.value->>'$.state' and periods.attempt_at is m.value->>'$.attemptAt'`;

const waits = `p.state = 'due' and p.attempt_at <= :now and p.attempt_id is m.value->>'$.lastAttempt'
	and ${planUnchanged} and not ${hasCard}`;

/** Said once, however long it waits. */
const tellNoCard = emission("PaymentFailed", {
	from: decided("wait"),
	where: `${waits} and p.failure is not 'no_card'`,
	version: nextVersion("p"),
	data: "m.value->'$.failed'",
});

const wait = `
	update periods set attempt_at = null, look_at = null, failure = 'no_card', run = :run,
		version = iif(failure is 'no_card', version, ${nextVersion("periods")})
	where (customer_id, from_at) in (select p.customer_id, p.from_at from ${decided("wait")} where ${waits})`;

/** What an attempt comes to that is not settled is not known to have been paid, and maybe too much of it. */
const noneUnsettled = `not exists (select 1 from periods as q
	cross join attempts as a on a.attempt_id = q.attempt_id and a.state in ('started', 'unknown')
	where q.customer_id = p.customer_id and q.from_at >= :since)`;

/** Nobody has asked for more of these charges to be given back in the meantime. */
const refundsUnchanged = `not exists (select 1 from json_each(m.value, '$.refunds') as r
	where r.value->>'$.givenMinor' <> (select coalesce(sum(net_minor + tax_minor), 0) from refunds
		where attempt_id = r.value->>'$.attemptId' and state <> 'failed'))`;

const ends = `p.state in ('due', 'parked', 'void') and p.attempt_id is m.value->>'$.lastAttempt'
	and ${planUnchanged} and ${seenUnchanged} and ${noneUnsettled} and ${refundsUnchanged}`;

const tellEnded = emission("PaymentRecovered", {
	draft: "ended",
	from: decided("end"),
	where: `${ends} and ${mayHaveFailed("p")}`,
	version: nextVersion("p"),
	data: "m.value->'$.recovered'",
});

const end = `
	update periods set state = 'void', attempt_at = null, look_at = null, failure = null, declines = 0, round_at = null, run = :run,
		version = iif(${mayHaveFailed("periods")}, ${nextVersion("periods")}, version)
	where (customer_id, from_at) in (select p.customer_id, p.from_at from ${decided("end")} where ${ends})`;

const ended = `${decided("end")} and p.run = :run`;

const oweRefunds = `
	insert into refunds (refund_id, customer_id, attempt_id, state, requested_at, requested_by, reason, net_minor, tax_minor,
		currency, look_at, request_digest)
	select r.value->>'$.refundId', p.customer_id, r.value->>'$.attemptId', 'due', :now, 'billing', m.value->>'$.reason',
		r.value->>'$.netMinor', r.value->>'$.taxMinor', r.value->>'$.currency', :now, ''
	from ${ended} cross join json_each(m.value, '$.refunds') as r where true
	on conflict do nothing`;

const adjustByRefunds = `
	insert into adjustments (payment_id, customer_id, from_at, amount_minor)
	select r.value->>'$.refundId', p.customer_id, a.value->>'$.fromAt', a.value->>'$.amountMinor'
	from ${ended} cross join json_each(m.value, '$.refunds') as r cross join json_each(r.value, '$.adjustments') as a
	where true on conflict do nothing`;

/** What was paid by these plans is to be compared with them again. */
export const reopenPlans = "update subscriptions set charged_version = 0, reopened = reopened + 1";

/**
 * Of the rows of `from` it is known by these versions of their plans that nothing is left to adjust, but for plans that were
 * opened again after it was found.
 */
export const advancePlans = (from: string, settles: string) => `
	update subscriptions set charged_version = s.version
	from (select m.value->>'$.subject' as customer_id, plan.value->>'$.startsAt' as starts_at, plan.value->>'$.version' as version,
			plan.value->>'$.reopened' as reopened
		from ${from} cross join json_each(m.value, '${settles}') as plan) as s
	where subscriptions.customer_id = s.customer_id and subscriptions.starts_at = s.starts_at
		and subscriptions.reopened = s.reopened`;

/**
 * Only the newest attempt may be followed by another one, and only once it is settled: so at most one is not. The unique number
 * says the same.
 */
const begin = `
	insert into attempts (attempt_id, customer_id, from_at, number, card_id, state, started_at, total_minor, currency, bill,
		started_run)
	select m.value->>'$.attemptId', p.customer_id, p.from_at, m.value->>'$.number', m.value->>'$.cardId', 'started',
		m.value->>'$.startedAt', m.value->>'$.bill.totalMinor', m.value->>'$.bill.currency', m.value->'$.bill', :run
	from ${decided("begin")}
	where p.state = 'due' and p.attempt_at <= :now and p.attempt_id is m.value->>'$.lastAttempt'
		and ${planUnchanged} and (m.value->>'$.adjusts' = 0 or ${seenUnchanged})
		and (m.value->>'$.cardId' is null or exists (
			select 1 from cards where card_id = m.value->>'$.cardId' and state = 'verified'))
	on conflict do nothing
	returning attempt_id`;

const begun =
	"json_each(:messages) as m cross join attempts as a on a.attempt_id = m.value->>'$.attemptId' and a.started_run = :run";

/** A limit keeps SQLite from looking for each period among all: it would begin with them, as the order of joins says. */
const noteBegun = `
	update periods set attempt_id = s.attempt_id, look_at = :now + :lease, run = :run
	from (select a.attempt_id, a.customer_id, a.from_at from ${begun} limit -1) as s
	where periods.customer_id = s.customer_id and periods.from_at = s.from_at`;

/** What is adjusted with it is nobody else's to adjust while it lasts. */
const reserve = `
	insert into adjustments (payment_id, customer_id, from_at, amount_minor)
	select a.attempt_id, a.customer_id, each.value->>'$.fromAt', each.value->>'$.amountMinor'
	from ${begun} cross join json_each(m.value, '$.bill.adjustments') as each`;

/** `begin` last but two: what it returns is what this run asks the provider for. */
export const saving: readonly Effect[] = [
	expectNext,
	rest,
	tellNoCard,
	wait,
	tellEnded,
	end,
	oweRefunds,
	adjustByRefunds,
	advancePlans(ended, "$.settles"),
	begin,
	noteBegun,
	reserve,
].map(effect);
export const beginAt = saving.length - 3;
