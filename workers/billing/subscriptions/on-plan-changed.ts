import type { PlanChanged } from "../../../shared/events/customer.ts";
import { admitted, consumption, type Examine } from "../../../shared/messaging/consumption.ts";
import type { BillingCtx } from "../context.ts";
import { firstPeriods, wakeForPlan } from "../payments/wake.ts";

const contractUnknown = `exists (
	select 1 from json_each(m.value, '$.data.phases') as phase cross join json_each(phase.value, '$.lines') as line
	where not exists (select 1 from contract_versions
		where contract_id = line.value->>'$.contractId' and version = line.value->>'$.contractVersion'))`;

const isOutdated = `exists (
	select 1 from subscriptions where customer_id = m.value->>'$.subject' and starts_at = m.value->>'$.data.startsAt'
		and version >= cast(m.value->>'$.version' as integer))`;

/** When its first period is charged: what is on its way by then still counts. */
const examine: Examine<BillingCtx> = async (ctx, { data }) => {
	const { startsAt } = data as PlanChanged; // its schema has parsed it
	return { chargeAt: startsAt + ctx.terms.chargeDelay };
};

/**
 * A plan is one subscription, named by its customer and its start. While this shard does not know what was signed, the
 * message is deferred: what something costs is never guessed. An outdated one waits for nothing.
 * Its first period is there from then on, and what another version of it changes for others is looked at.
 */
export const onPlanChanged = consumption<BillingCtx>("PlanChanged", {
	examine,
	deferWhile: `(${contractUnknown} and not ${isOutdated})`,
	newestOf: ({ subject, data }) => `${subject} ${"startsAt" in data ? data.startsAt : ""}`,
	effects: [
		`insert into subscriptions (customer_id, starts_at, version, ends_at, phases)
		select m.value->>'$.subject', m.value->>'$.data.startsAt', cast(m.value->>'$.version' as integer),
			m.value->>'$.data.endsAt', m.value->'$.data.phases'
		from ${admitted} where true
		on conflict do update set version = excluded.version, ends_at = excluded.ends_at, phases = excluded.phases
		where excluded.version > subscriptions.version`,
		firstPeriods(admitted, "m.value->>'$.examined.chargeAt'"),
		wakeForPlan(admitted),
	],
});
