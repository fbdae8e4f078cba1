import { describeError } from "../../../shared/log.ts";
import { prepare } from "../../../shared/sql.ts";
import { minutes } from "../../../shared/time.ts";
import type { BillingCtx } from "../context.ts";
import { ensureDeliveries } from "../invoices/issue.ts";
import { claimUnchecked } from "./store.ts";

/** Of each shard in a run: a minute later there is the next one. */
const pageSize = 100;

/** Calls of objects in a run, beside what the relay does in it: a Worker may make 10,000 an invocation. */
const mostCalls = 2000;

/**
 * Sees to it that the object of every invoice that has not arrived is at work: one that was never reached, that the platform has
 * given up, or that was lost. The claim is the lease. Shards take turns at being first. Gives how many it called.
 */
export async function sweepDeliveries(ctx: BillingCtx): Promise<number> {
	const { shards } = ctx.databases;
	const turn = Math.floor(ctx.now() / minutes) % shards.length;
	const before = ctx.now() - (ctx.resend.firstDelay ?? 10 * minutes);
	let calls = 0;
	for (const shard of [...shards.slice(turn), ...shards.slice(0, turn)]) {
		const limit = Math.min(pageSize, mostCalls - calls);
		if (limit === 0) break;
		try {
			const claim = prepare(ctx.databases.get(shard), claimUnchecked, { now: ctx.now(), before, limit });
			const { results } = await claim.all<{ invoice_id: string }>();
			calls += results.length;
			await ensureDeliveries(
				ctx,
				results.map(({ invoice_id }) => invoice_id),
			);
		} catch (error) {
			ctx.log.warn("sweep_shard_failed", { shard, error: describeError(error) });
		}
	}
	return calls;
}
