import { Problem } from "../../../shared/http/problem.ts";
import { idOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import type { BillingCtx } from "../context.ts";
import { type RefundRow, type RefundView, refundView } from "./refund.ts";
import { failed } from "./request-refund.ts";
import { auditRetry, retryRefund, selectRefund } from "./store.ts";
import { workRefunds } from "./work-refunds.ts";

/**
 * Tries a refund again that the provider has refused. Throws `not_found`, `not_failed`, or `refund_too_large` when the rest
 * has been given back meanwhile.
 */
export async function retryFailedRefund({
	ctx,
	input: { actor, refundId },
}: {
	ctx: BillingCtx;
	input: { actor: Actor; refundId: string };
}): Promise<RefundView> {
	const shard = ctx.databases.locate(refundId);
	if (shard === undefined) throw new Problem("not_found");
	const database = ctx.databases.get(shard);
	const params = { refundId, actor: actor.email, now: ctx.now(), auditId: idOf("aud", shard, ctx.randomBytes(16)) };
	const statements = [retryRefund, auditRetry, selectRefund].map((statement) => prepare(database, statement, params));
	const [, audited, refunds] = await database.batch(statements);
	const refund = refunds?.results[0] as RefundRow | undefined; // of `selectRefund`
	if (!refund) throw new Problem("not_found");
	if (audited?.results.length !== 1) throw new Problem(refund.state === "failed" ? "refund_too_large" : "not_failed");
	ctx.log.info("refund_retried", { paymentId: refundId });
	ctx.waitUntil(workRefunds(ctx, { shards: [shard] }).catch(failed(ctx)));
	return refundView(refund);
}
