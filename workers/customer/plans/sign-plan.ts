import type { Ctx } from "../../../shared/context.ts";
import type { Session } from "../../../shared/crypto/session-token.ts";
import type { PlanChanged } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { loadPlan } from "./load-plan.ts";
import { decide, resolve, type SignedPlan, signedLines, without } from "./plan.ts";
import { type Plan, planOf } from "./plan-view.ts";
import type { NewPlan } from "./schemas.ts";
import { emitPlanChanged, savePlan } from "./store.ts";

export interface SignPlan extends NewPlan {
	readonly session: Session;
}

const attempts = 3;

/**
 * Brings the plan to what is wanted: starts it now, changes it from the next period on, or, without lines, ends it with
 * this one. Signing what holds already changes nothing, so it is safe to repeat.
 *
 * Throws `session_revoked`, `contract_not_offered`, `invalid_field` for several currencies, `nothing_to_cancel`, or
 * `unavailable` when somebody else has changed the plan each time in between.
 */
export async function signPlan({ ctx, input }: { ctx: Ctx; input: SignPlan }): Promise<Plan> {
	const { session, lines } = input;
	for (let attempt = 0; attempt < attempts; attempt++) {
		// read again after a lost race, this tells who won it
		const { version: readVersion, plan, offers } = await loadPlan(ctx, { ...session, lines });
		const now = ctx.now();
		const wanted = resolve(plan, lines, offers, now);
		const decision = decide(plan, wanted, now);
		if (decision.effect === "nothing") return planOf(plan, now);
		const signedAnew = JSON.stringify(without(wanted, signedLines(plan, now)));
		if (await save(ctx, session, { plan: decision.plan, readVersion, signedAnew, now })) return planOf(decision.plan, now);
	}
	throw new Problem("unavailable");
}

interface Signed {
	readonly plan: SignedPlan;
	readonly readVersion: number;
	/** Lines whose versions have to be on offer at that moment, as JSON. */
	readonly signedAnew: string;
	readonly now: number;
}

/** Writes the plan and tells billing, unless something that this depends upon has changed since it was read. */
async function save(ctx: Ctx, session: Session, { plan, readVersion, signedAnew, now }: Signed): Promise<boolean> {
	const { customerId, sessionId } = session;
	const shard = shardOf(customerId);
	const { startsAt, endsAt } = plan;
	const version = Math.max(readVersion + 1, now);
	const phases = plan.phases.map(({ from, lines }) => ({
		from,
		lines: lines.map(({ contractId, contractVersion }) => ({ contractId, contractVersion })),
	}));
	const data: PlanChanged = { startsAt, endsAt, phases };
	const event = newEvent(ctx, shard, { type: "PlanChanged", subject: customerId, version, data, at: now });
	const row = { customerId, version, startsAt, endsAt, phases: JSON.stringify(plan.phases) };
	const params = { ...outboxParams(ctx, event), ...row, sessionId, readVersion, signedAnew };
	const { emitted } = await commit(ctx, ctx.databases.get(shard), { change: savePlan, emit: emitPlanChanged, params });
	if (emitted) ctx.log.info("plan_changed", { eventId: event.id });
	return emitted;
}
