import type { Ctx } from "../../../shared/context.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import { type PlanRow, signedPlanOf } from "./load-plan.ts";
import { type Plan, planOf } from "./plan-view.ts";
import { selectPlan } from "./store.ts";

/** The customer's plan as it is now; its status is `none` when there never was one. */
export async function getPlan({ ctx, input }: { ctx: Ctx; input: { customerId: string } }): Promise<Plan> {
	const database = ctx.databases.get(shardOf(input.customerId));
	const { results } = await prepare(database, selectPlan, input).all<PlanRow>();
	return planOf(results[0] && signedPlanOf(results[0]), ctx.now());
}
