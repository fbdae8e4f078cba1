import * as v from "valibot";
import { Invoice } from "../../../shared/events/billing.ts";
import { idOf, type Shard } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { prepare, sql } from "../../../shared/sql.ts";
import type { BillingCtx } from "../context.ts";
import { creditNoteDraft } from "../invoices/invoice-draft.ts";
import type { Refund, RefundOutcome } from "../provider/provider.ts";
import { pauseAfter, stepWhenMissing } from "./refund.ts";
import type { Settlement } from "./settle.ts";

/** A row of `claim`. */
export interface ClaimedRefund {
	readonly refund_id: string;
	readonly customer_id: string;
	readonly started_at: number;
	readonly missed_at: number | null;
	readonly lookups: number;
	readonly refusals: number;
	readonly reason: string;
	readonly net_minor: number;
	readonly tax_minor: number;
	readonly currency: string;
	readonly charge_ref: string | null;
	/** `Invoice` as JSON. */
	readonly invoice: string | null;
}

/** Before it is asked for anew: from here on the provider knows our key again. Hits nothing when another run was here. */
const beginAnew = sql(`
	update refunds set started_at = :now, missed_at = null
	where refund_id = :refundId and refusals = :refusals and state in ('due', 'unknown') and missed_at is not null
	returning 1`);

/** What a look has found: `missed` is one that the provider has not, too late to repeat it. */
type Found = RefundOutcome | { readonly outcome: "missed" } | { readonly outcome: "unknown" };

/**
 * Asks the provider for a refund that this run has claimed, or looks it up, and says what is to be written of it. Throws
 * when there is nothing that it could be given back from, or no credit note can be written.
 */
export async function lookAtRefund(ctx: BillingCtx, shard: Shard, row: ClaimedRefund): Promise<Settlement> {
	const { refund_id: paymentId, customer_id: customerId, refusals } = row;
	const { charge_ref: chargeRef, invoice: document } = row;
	if (chargeRef === null || document === null) throw new Error("a refund of nothing that was charged");
	// what a credit note needs, before anything is given back
	const invoice = v.parse(Invoice, JSON.parse(document));
	const { seller } = ctx.terms;
	const found = await ask(ctx, shard, row, {
		refundId: await providerIdOf(ctx, row, shard),
		chargeRef,
		amountMinor: row.net_minor + row.tax_minor,
		currency: row.currency,
		startedAt: row.started_at,
	});
	const now = ctx.now();
	if (found.outcome === "refused") ctx.log.alarm("refund_failed", { customerId, paymentId });
	if (found.outcome === "missed") ctx.log.alarm("refund_missing", { customerId, paymentId });
	const isDone = found.outcome === "refunded";
	const { reason, net_minor: netMinor, tax_minor: taxMinor } = row;
	const note = { invoice, refundId: paymentId, issuedAt: now, seller, reason, netMinor, taxMinor };
	return {
		subject: customerId,
		paymentId,
		refusals,
		outcome: isDone || found.outcome === "refused" ? found.outcome : "unknown",
		ref: isDone ? found.ref : null,
		lookAt: now + pauseAfter(row.lookups),
		missed: found.outcome === "missed",
		invoice: isDone ? creditNoteDraft(note) : null,
	};
}

/** What the provider knows a refund by. One that it has refused is asked for under another id: under the same it says the same again. */
async function providerIdOf(ctx: BillingCtx, { refund_id: id, refusals }: ClaimedRefund, shard: Shard): Promise<string> {
	return refusals === 0 ? id : idOf("rfd", shard, await ctx.digest(`${id} ${refusals}`));
}

/**
 * Looks it up before it asks, the first time too: ids of refunds are derived, so a database that was put back may be the
 * second to have it, when the provider has given it back and forgotten the key. Never rejects: what is not known is looked
 * up later.
 */
async function ask(ctx: BillingCtx, shard: Shard, row: ClaimedRefund, refund: Refund): Promise<Found> {
	const progress = { startedAt: row.started_at, missedAt: row.missed_at };
	try {
		const found = await ctx.payments.findRefund(refund);
		if (found) return found;
		const step = stepWhenMissing(progress, ctx.now());
		switch (step) {
			case "ask":
				return await ctx.payments.refund(refund);
			case "wait":
				return { outcome: "missed" };
			case "ask_anew": {
				const now = ctx.now();
				const params = { refundId: row.refund_id, refusals: row.refusals, now };
				const { results } = await prepare(ctx.databases.get(shard), beginAnew, params).all();
				return results.length === 0 ? { outcome: "unknown" } : await ctx.payments.refund({ ...refund, startedAt: now });
			}
			default:
				return step satisfies never;
		}
	} catch (error) {
		ctx.log.warn("refund_unknown", { customerId: row.customer_id, paymentId: row.refund_id, error: describeError(error) });
		return { outcome: "unknown" };
	}
}
