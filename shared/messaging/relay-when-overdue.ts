import type { Ctx } from "../context.ts";
import { shardOf } from "../ids.ts";
import { minutes } from "../time.ts";
import { relay } from "./relay.ts";

/** Of this isolate. */
let lastLook = 0;

/**
 * Should Cron Triggers be silent, requests relay after their answer: at most once a minute in an isolate, one shard, and
 * only what Cron would have sent two minutes ago. While Cron works this finds nothing.
 */
export function relayWhenOverdue(ctx: Ctx, customerId: string): void {
	const now = ctx.now();
	if (now - lastLook < 1 * minutes) return;
	lastLook = now;
	const overdue = { shards: [shardOf(customerId)], dueBefore: now - 2 * minutes, budget: { queries: 5, messages: 50 } };
	ctx.waitUntil(relay(ctx, overdue));
}
