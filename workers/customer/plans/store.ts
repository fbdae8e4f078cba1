import { eq } from "drizzle-orm";
import { outboxInsert } from "../../../shared/messaging/outbox.ts";
import { db, placeholder, query, sql } from "../../../shared/sql.ts";
import { notRevoked } from "../sessions/revoked.ts";
import { plans } from "../tables.ts";

export const selectPlan = query(
	db
		.select({ version: plans.version, startsAt: plans.startsAt, endsAt: plans.endsAt, phases: plans.phases })
		.from(plans)
		.where(eq(plans.customerId, placeholder("customerId"))),
);

/** Of the named contracts, what may be signed. */
export const selectOffers = sql(`
	select contract_id, version, terms->>'$.name' as name,
		terms->>'$.price.amountMinor' as price_minor, terms->>'$.price.currency' as currency
	from contract_versions
	where offered = 1 and contract_id in (select value from json_each(:contractIds))`);

/**
 * Writes the plan that was decided upon. Hits nothing when it is no longer the plan of `readVersion` (-1: none), when
 * the session is revoked, or when a version that is signed anew is no longer on offer.
 */
export const savePlan = sql(`
	insert into plans (customer_id, version, starts_at, ends_at, phases)
	select :customerId, :version, :startsAt, :endsAt, :phases
	where ${notRevoked}
		and coalesce((select version from plans where customer_id = :customerId), -1) = :readVersion
		and not exists (
			select 1 from json_each(:signedAnew) as line where not exists (
				select 1 from contract_versions where offered = 1
					and contract_id = line.value->>'$.contractId' and version = line.value->>'$.contractVersion'))
	on conflict do update set
		version = excluded.version, starts_at = excluded.starts_at, ends_at = excluded.ends_at, phases = excluded.phases`);

/** Directly after the one change that it reports. */
export const emitPlanChanged = outboxInsert();
