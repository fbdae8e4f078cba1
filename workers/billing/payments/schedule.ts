import { byteLength, packed } from "../../../shared/bytes.ts";
import { prepare } from "../../../shared/sql.ts";
import type { BillingCtx } from "../context.ts";
import { inTurn } from "../vault/in-turn.ts";
import { mostInMessage, type PeriodKey } from "./charges.ts";
import { claimPeriods } from "./store.ts";

/** In UTC. */
export const paymentCron = "7 * * * *";

const pageSize = 500;
/** Cloudflare's limits for one `sendBatch` are 256 KB and 100: this leaves room for what surrounds a message. */
const mostAtOnce = { bytes: 240_000, count: 100 };

/**
 * Puts pages of the periods that are to be looked at on the queue `charges`, within a budget of D1 calls; the next run goes
 * on. The claim is the lease: what a run has claimed and could not send, or what was lost on its way, is due again when
 * that is over. A shard or queue that fails keeps no other shard waiting; the run fails in the end.
 */
export async function startCharges(ctx: BillingCtx, budget = 400): Promise<void> {
	const calls = { left: budget };
	const { lease } = ctx.terms;
	await inTurn(ctx, async (shard, database) => {
		for (let more = true; more && calls.left > 0; ) {
			calls.left -= 1;
			const claim = { now: ctx.now(), until: ctx.now() + lease, limit: pageSize };
			const { results } = await prepare(database, claimPeriods, claim).all<PeriodKey>();
			for (const page of packed(messagesOf(results), byteLength, mostAtOnce)) await ctx.queue("charges").send(page);
			if (results.length > 0) ctx.log.info("periods_claimed", { shard, count: results.length });
			more = results.length === pageSize;
		}
	});
}

function messagesOf(keys: readonly PeriodKey[]): string[] {
	return packed(keys, () => 0, { bytes: 0, count: mostInMessage }).map((periods) => JSON.stringify({ periods }));
}
