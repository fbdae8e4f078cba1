import { idPattern } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { together } from "../../../shared/quantum.ts";
import { prepare, type Statement } from "../../../shared/sql.ts";
import type { BillingCtx } from "../context.ts";
import { startCharges } from "../payments/schedule.ts";
import { workRefunds } from "../refunds/work-refunds.ts";
import type { Webhook } from "./open-webhook.ts";
import { wakeAttempt, wakeRefund } from "./store.ts";

const attempt = idPattern("att");
const refund = idPattern("rfd");

/**
 * Believes an event the id that it names and nothing else: what it is about is looked up at the provider at once, if we
 * still wait for it. So it does not matter whether events come twice, late, in any order, or never.
 */
export async function heedWebhook({ ctx, input }: { readonly ctx: BillingCtx; readonly input: Webhook }): Promise<void> {
	tellStaff(ctx, input);
	const { attemptId, refundId } = input.data.object.metadata ?? {};
	const woken = [
		attemptId && attempt.test(attemptId) && (await wake(ctx, attemptId, wakeAttempt)),
		refundId && refund.test(refundId) && (await wake(ctx, refundId, wakeRefund)),
	];
	if (!woken.some(Boolean)) return;
	const failed = (error: unknown) => ctx.log.alarm("look_up_failed", { error: describeError(error) });
	ctx.waitUntil(together(startCharges(ctx), workRefunds(ctx)).catch(failed));
}

/** In the shard that the id names; one that is not deployed here has nothing to be woken. */
async function wake(ctx: BillingCtx, id: string, statement: Statement): Promise<boolean> {
	const shard = ctx.databases.locate(id);
	if (shard === undefined) return false;
	const params = { id, now: ctx.now(), lease: ctx.terms.lease };
	return (await prepare(ctx.databases.get(shard), statement, params).all()).results.length > 0;
}

/** What is no part of our flows, and needs somebody to act: docs/stripe.md. Without an id of ours, Stripe's of the charge. */
function tellStaff(ctx: BillingCtx, { type, data: { object } }: Webhook): void {
	const paymentId = object.metadata?.["refundId"] ?? object.payment_intent ?? "unknown";
	if (type === "charge.dispute.created") ctx.log.alarm("payment_disputed", { paymentId });
	if (type === "refund.failed") ctx.log.alarm("refund_came_back", { paymentId });
}
