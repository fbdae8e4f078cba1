import type { BaseCtx } from "../context.ts";
import { describeError } from "../log.ts";
import { Problem } from "./problem.ts";

/**
 * Counts one for `key`. Throws `rate_limited` when that is too many. Flood control and no guarantee: Cloudflare counts
 * for each location, and a limiter that fails or is not there lets through.
 */
export async function withinLimit(ctx: BaseCtx, limiter: RateLimit | undefined, key: string): Promise<void> {
	let outcome: RateLimitOutcome | undefined;
	try {
		outcome = await limiter?.limit({ key });
	} catch (error) {
		ctx.log.warn("rate_limit_failed", { error: describeError(error) });
	}
	if (outcome?.success === false) throw new Problem("rate_limited");
}
