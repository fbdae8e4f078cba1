import type { Ctx } from "../../../shared/context.ts";
import { loadPlan } from "./load-plan.ts";
import { currentLines, type Decision, decide, resolve, without } from "./plan.ts";
import { instant, lineOf, type Money, type PlanLine, priced } from "./plan-view.ts";
import type { NewPlan } from "./schemas.ts";

/** What signing would do. */
export interface PlanPreview {
	readonly effect: Decision["effect"];
	/** When it would take effect; null when nothing would change. */
	readonly from: string | null;
	/** What would hold from then on; none when the plan ends. */
	readonly lines: readonly PlanLine[];
	/** A month. Null without lines. */
	readonly total: Money | null;
	/** Against what holds now. */
	readonly added: readonly PlanLine[];
	readonly removed: readonly PlanLine[];
}

/**
 * Says what `signPlan` would do with these lines, and does nothing. Throws `contract_not_offered`, `invalid_field` for
 * several currencies, or `nothing_to_cancel`.
 */
export async function previewPlan({ ctx, input }: { ctx: Ctx; input: NewPlan & { customerId: string } }): Promise<PlanPreview> {
	const { plan, offers } = await loadPlan(ctx, input);
	const now = ctx.now();
	const wanted = resolve(plan, input.lines, offers, now);
	const decision = decide(plan, wanted, now);
	const current = currentLines(plan, now);
	return {
		effect: decision.effect,
		from: decision.effect === "nothing" ? null : instant(decision.from),
		...priced(wanted),
		added: without(wanted, current).map(lineOf),
		removed: without(current, wanted).map(lineOf),
	};
}
