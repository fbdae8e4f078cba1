import { toHex } from "../../../shared/bytes.ts";
import type { Database } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { idOf, idPattern } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { prepare, type SqlParams } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import type { BillingCtx } from "../context.ts";
import { mostRefunds, type RefundRow, type RefundView, refundView } from "./refund.ts";
import type { NewRefund } from "./schemas.ts";
import { auditRequest, explainRefusal, insertRefund, selectRefund } from "./store.ts";
import { workRefunds } from "./work-refunds.ts";

export interface RequestRefund extends NewRefund {
	readonly actor: Actor;
	readonly invoiceId: string;
	readonly idempotencyKey: string;
}

/**
 * Asks for a part of a paid invoice to be given back, or for all that is left of it. The id follows from who asks and the key: a
 * repetition finds the refund, as it is by now. What is given back never exceeds what was charged, whoever asks at the same
 * time. Throws `not_found`, `not_refundable`, `refund_too_large`, `too_many_refunds` or `idempotency_key_reused`.
 */
export async function requestRefund({ ctx, input }: { ctx: BillingCtx; input: RequestRefund }): Promise<RefundView> {
	const { actor, invoiceId, idempotencyKey: key, amountMinor = null, reason } = input;
	const shard = idPattern("inv").test(invoiceId) ? ctx.databases.locate(invoiceId) : undefined;
	if (shard === undefined) throw new Problem("not_found");
	const bytes = await ctx.digest(JSON.stringify([actor.email, "refund", key]));
	const digest = await ctx.digest(JSON.stringify([invoiceId, amountMinor, reason]));
	const refundId = idOf("rfd", shard, bytes);
	const params = {
		invoiceId,
		refundId,
		auditId: idOf("aud", shard, bytes),
		attemptId: `att_${invoiceId.slice(4)}`, // an invoice has the id of its attempt
		actor: actor.email,
		now: ctx.now(),
		amountMinor,
		reason,
		requestDigest: toHex(digest.subarray(0, 16)),
		mostRefunds,
	};
	const database = ctx.databases.get(shard);
	const statements = [insertRefund, auditRequest, selectRefund].map((statement) => prepare(database, statement, params));
	const [, audited, refunds] = await database.batch(statements);
	const refund = refunds?.results[0] as RefundRow | undefined; // of `selectRefund`
	if (!refund) return refuse(database, params);
	if (refund.request_digest !== params.requestDigest) throw new Problem("idempotency_key_reused");
	if (audited?.results.length === 1) {
		ctx.log.info("refund_requested", { invoiceId, paymentId: refundId });
		ctx.waitUntil(workRefunds(ctx, { shards: [shard] }).catch(failed(ctx)));
	}
	return refundView(refund);
}

/** What fails right after a request is left to the Cron Trigger. */
export const failed = (ctx: BillingCtx) => (error: unknown) => ctx.log.warn("refunds_wait", { error: describeError(error) });

/** Says why nothing was written. */
async function refuse(database: Database, params: SqlParams): Promise<never> {
	const { results } = await prepare(database, explainRefusal, params).all<{
		kind: "invoice" | "credit_note";
		state: string | null;
		charge_ref: string | null;
		refunds: number;
	}>();
	const [invoice] = results;
	if (!invoice) throw new Problem("not_found");
	const { kind, state, charge_ref: chargeRef, refunds } = invoice;
	if (kind !== "invoice" || state !== "approved" || chargeRef === null) throw new Problem("not_refundable");
	throw new Problem(refunds >= mostRefunds ? "too_many_refunds" : "refund_too_large");
}
