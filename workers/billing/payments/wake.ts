/** What events make due: effects of the consumptions that hear of it. */

const isUnsettled = `exists (select 1 from attempts
	where attempts.attempt_id = periods.attempt_id and attempts.state in ('started', 'unknown'))`;

/**
 * A card was verified for these customers (a query): what waits for one, was declined or is parked is due, in a new round. An
 * attempt that is not settled goes on; what it then comes to sees the new card.
 */
export const wakeForCard = (customers: string) => `
	update periods set state = 'due', attempt_at = :now, look_at = :now, declines = 0, round_at = null
	where customer_id in (${customers})
		and (state = 'parked' or (state = 'due' and failure is not null)) and not ${isUnsettled}`;

/**
 * Where the plan before would have gone on with a period from the very moment at which the next one has one, it is the next
 * one's. One that is paid already is looked at again, for what comes after it.
 */
export const ofTheNextPlan = `
	on conflict do update set starts_at = excluded.starts_at, period_index = excluded.period_index,
		state = iif(state = 'paid', 'paid', 'due'), attempt_at = iif(state = 'paid', null, excluded.attempt_at),
		look_at = excluded.look_at, declines = 0, round_at = null
	where periods.starts_at < excluded.starts_at`;

/** The first period of each plan that `from` has as `m`, due at `chargeAt`. */
export const firstPeriods = (from: string, chargeAt: string) => `
	insert into periods (customer_id, from_at, starts_at, period_index, state, attempt_at, look_at)
	select m.value->>'$.subject', m.value->>'$.data.startsAt', m.value->>'$.data.startsAt', 0, 'due', ${chargeAt}, ${chargeAt}
	from ${from} where true ${ofTheNextPlan}`;

const waitsForCard = "p.state = 'due' and p.attempt_at is null";

/**
 * Plans that `from` has as `m` go on, or end, otherwise than was known: a period that was void and has its plan again is due,
 * but not before its time, and so is one that waits for a card, which may cost nothing now; one that has lost its plan is
 * looked at, and so is a void one, for what was paid too much.
 */
export const wakeForPlan = (from: string) => `
	update periods set look_at = iif(found.goes_on, max(:now, found.charge_at), :now), state = iif(found.goes_on, 'due', periods.state),
		attempt_at = iif(found.goes_on, max(:now, found.charge_at), periods.attempt_at)
	from (
		select p.customer_id, p.from_at, p.from_at + (m.value->>'$.examined.chargeAt') - (m.value->>'$.data.startsAt') as charge_at,
			(p.state = 'void' or ${waitsForCard}) and coalesce(s.ends_at > p.from_at, true) as goes_on
		from ${from}
		cross join subscriptions as s on s.customer_id = m.value->>'$.subject' and s.starts_at = m.value->>'$.data.startsAt'
		cross join periods as p on p.customer_id = s.customer_id and p.starts_at = s.starts_at
		where p.state = 'void' or ${waitsForCard} or (p.state in ('due', 'parked') and s.ends_at <= p.from_at) limit -1) as found
	where periods.customer_id = found.customer_id and periods.from_at = found.from_at`;
