import type { Ctx } from "../../../shared/context.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import { monthOf, selectHasCard } from "../cards/has-card.ts";
import type { UnpaidRow } from "../payments/payment.ts";
import type { UnpaidPeriod } from "../payments/schemas.ts";
import { newestUnpaid, selectUnpaid, unpaidOf } from "../payments/unpaid.ts";
import { type PlanRow, signedPlanOf } from "./load-plan.ts";
import { type Plan, planOf } from "./plan-view.ts";
import { selectPlan } from "./store.ts";

/** The customer's plan as it is now; its status is `none` when there never was one. */
export async function getPlan({ ctx, input }: { ctx: Ctx; input: { customerId: string } }): Promise<Plan> {
	const database = ctx.databases.get(shardOf(input.customerId));
	const { results } = await prepare(database, selectPlan, input).all<PlanRow>();
	return planOf(results[0] && signedPlanOf(results[0]), ctx.now());
}

/**
 * The same, what of it is not paid, and whether there is a card that could pay for it, now or once it has been checked:
 * still one read.
 */
export async function getPlanAndPayment({
	ctx,
	input: { customerId },
}: {
	ctx: Ctx;
	input: { customerId: string };
}): Promise<{ plan: Plan; hasCard: boolean; unpaid: UnpaidPeriod[] }> {
	const database = ctx.databases.get(shardOf(customerId));
	const now = ctx.now();
	const [plans, cards, periods] = await database.batch([
		prepare(database, selectPlan, { customerId }),
		prepare(database, selectHasCard, { customerId, month: monthOf(now) }),
		prepare(database, selectUnpaid, { customerId, ...newestUnpaid }),
	]);
	const row = plans?.results[0] as PlanRow | undefined; // the shape of `selectPlan`
	const [card] = (cards?.results ?? []) as unknown as { has_card: number }[]; // of `selectHasCard`
	const unpaid = (periods?.results ?? []) as unknown as UnpaidRow[]; // of `selectUnpaid`
	return { plan: planOf(row && signedPlanOf(row), now), hasCard: card?.has_card === 1, unpaid: unpaid.map(unpaidOf) };
}
