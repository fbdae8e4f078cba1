import { cloudflareCtx, shardBindings } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import type { WithContractFeed } from "../../shared/contracts/feed.ts";
import type { Session } from "../../shared/crypto/session-token.ts";

export type CustomerCtx = Ctx & WithContractFeed;

export interface App {
	Bindings: CustomerBindings;
	Variables: { ctx: CustomerCtx; session: Session };
}

export function customerCtx(
	env: CustomerBindings,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent?: string,
): CustomerCtx {
	const ctx = cloudflareCtx("customer", env, shardBindings(env, "CUSTOMER_DB"), execution, traceparent);
	return Object.assign(ctx, { contractFeed: env.CONTRACT_FEED as unknown as WithContractFeed["contractFeed"] }); // the entrypoint that wrangler.toml names
}
