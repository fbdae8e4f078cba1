import { cloudflareCtx, shardBindings } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import type { WithContractFeed } from "../../shared/contracts/feed.ts";

export type BillingCtx = Ctx & WithContractFeed;

export interface App {
	Bindings: BillingBindings;
	Variables: { ctx: BillingCtx };
}

export function billingCtx(
	env: BillingBindings,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent?: string,
): BillingCtx {
	const ctx = cloudflareCtx("billing", env, shardBindings(env, "BILLING_DB"), execution, traceparent);
	return Object.assign(ctx, { contractFeed: env.CONTRACT_FEED as unknown as WithContractFeed["contractFeed"] }); // the entrypoint that wrangler.toml names
}
