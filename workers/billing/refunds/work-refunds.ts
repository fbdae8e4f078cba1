import type { Shard } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { prepare, sql } from "../../../shared/sql.ts";
import type { BillingCtx } from "../context.ts";
import { type ClaimedRefund, lookAtRefund } from "./look-at-refund.ts";
import { type Settlement, settleRefunds } from "./settle.ts";

const pageSize = 20;

/** Pushing `look_at` forward is the lease: whoever works on them longer than that is overtaken. */
const claim = sql(`
	update refunds set look_at = :until, lookups = lookups + 1, started_at = coalesce(started_at, :now)
	where refund_id in (select refund_id from refunds where look_at <= :now order by look_at limit :limit)
	returning refund_id, customer_id, started_at, missed_at, lookups, refusals, reason, net_minor, tax_minor, currency,
		(select charge_ref from attempts where attempt_id = refunds.attempt_id) as charge_ref,
		(select document from invoices where payment_id = refunds.attempt_id) as invoice`);

/**
 * Gives back what is due and looks up what is not settled: pages of every shard in turn, at most `budget` refunds. May run
 * twice and at once: what one run has taken, no other touches before its lease is over. A shard that does not answer keeps
 * no other waiting; the run fails in the end.
 */
export async function workRefunds(ctx: BillingCtx, { shards = ctx.databases.shards, budget = 200 } = {}): Promise<void> {
	let [left, waiting] = [budget, [...shards]];
	let failure: unknown;
	while (waiting.length > 0 && left > 0) {
		const more: Shard[] = [];
		for (const shard of waiting) {
			const limit = Math.min(pageSize, left);
			if (limit === 0) break;
			try {
				const found = await workPage(ctx, shard, limit);
				left -= found;
				if (found === limit) more.push(shard);
			} catch (error) {
				ctx.log.warn("refunds_of_shard_failed", { shard, error: describeError(error) });
				failure = error;
			}
		}
		waiting = more;
	}
	if (failure) throw failure;
}

/** What goes wrong with one is looked at again after its lease, and keeps no other back. */
async function workPage(ctx: BillingCtx, shard: Shard, limit: number): Promise<number> {
	const now = ctx.now();
	const claimed = prepare(ctx.databases.get(shard), claim, { now, until: now + ctx.terms.lease, limit });
	const { results } = await claimed.all<ClaimedRefund>();
	const look = async (row: ClaimedRefund) => {
		try {
			return await lookAtRefund(ctx, shard, row);
		} catch (error) {
			const { customer_id: customerId, refund_id: paymentId } = row;
			ctx.log.alarm("refund_not_looked_at", { customerId, paymentId, error: describeError(error) });
			return undefined;
		}
	};
	const settlements = await Promise.all(results.map(look));
	const rows = settlements.filter((row) => row !== undefined);
	if (rows.length > 0) await settleEach(ctx, shard, rows);
	return results.length;
}

/** All at once; if that fails each alone, so that one that cannot be written keeps no other back. */
async function settleEach(ctx: BillingCtx, shard: Shard, rows: readonly Settlement[]): Promise<void> {
	try {
		return await settleRefunds(ctx, shard, rows);
	} catch (error) {
		if (rows.length === 1) throw error;
	}
	const alone = await Promise.allSettled(rows.map((row) => settleRefunds(ctx, shard, [row])));
	for (const one of alone) if (one.status === "rejected") throw one.reason;
}
