import { admitted, consumption } from "../../../shared/messaging/consumption.ts";

const contractUnknown = `exists (
	select 1 from json_each(m.value, '$.data.phases') as phase cross join json_each(phase.value, '$.lines') as line
	where not exists (select 1 from contract_versions
		where contract_id = line.value->>'$.contractId' and version = line.value->>'$.contractVersion'))`;

const isOutdated = `exists (
	select 1 from subscriptions where customer_id = m.value->>'$.subject' and starts_at = m.value->>'$.data.startsAt'
		and version >= cast(m.value->>'$.version' as integer))`;

/**
 * A plan is one subscription, named by its customer and its start. While this shard does not know what was signed, the
 * message is deferred: what something costs is never guessed. An outdated one waits for nothing.
 */
export const onPlanChanged = consumption("PlanChanged", {
	deferWhile: `(${contractUnknown} and not ${isOutdated})`,
	newestOf: ({ subject, data }) => `${subject} ${"startsAt" in data ? data.startsAt : ""}`,
	effects: [
		`insert into subscriptions (customer_id, starts_at, version, ends_at, phases)
		select m.value->>'$.subject', m.value->>'$.data.startsAt', cast(m.value->>'$.version' as integer),
			m.value->>'$.data.endsAt', m.value->'$.data.phases'
		from ${admitted} where true
		on conflict do update set version = excluded.version, ends_at = excluded.ends_at, phases = excluded.phases
		where excluded.version > subscriptions.version`,
	],
});
