import Stripe from "stripe";
import * as v from "valibot";
import type { Refund, RefundOutcome } from "./provider.ts";
import { stripeFailure, Unexpected } from "./stripe-client.ts";

const Given = v.object({ id: v.string(), status: v.string(), metadata: v.nullish(v.record(v.string(), v.string())) });

/** It cannot be given back this way, now or later (https://docs.stripe.com/error-codes). */
const final: ReadonlySet<string> = new Set([
	"charge_already_refunded",
	"charge_disputed",
	"charge_not_refundable",
	"refund_disputed_payment",
]);

/** https://docs.stripe.com/api/refunds/create */
export async function refund(stripe: Stripe, asked: Refund): Promise<RefundOutcome> {
	const { refundId, chargeRef, amountMinor } = asked;
	try {
		const made = await stripe.refunds.create(
			{ payment_intent: chargeRef, amount: amountMinor, metadata: { refundId } },
			{ idempotencyKey: refundId },
		);
		return outcomeOf(v.parse(Given, made));
	} catch (error) {
		// it may be refused since it was given back before, by a request whose key is forgotten
		if (isFinal(error)) return (await findRefund(stripe, asked)) ?? { outcome: "refused" };
		throw stripeFailure("refund", error);
	}
}

/** `amount`: more than is left of the charge; that error has no code. */
function isFinal(error: unknown): boolean {
	if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) return false;
	return final.has(error.code ?? "") || (error.param === "amount" && error.statusCode === 400);
}

/** Among the refunds of the charge: a list shows what was written just before. What was given back counts more than what failed. */
export async function findRefund(stripe: Stripe, { refundId, chargeRef }: Refund): Promise<RefundOutcome | undefined> {
	try {
		const outcomes: RefundOutcome[] = [];
		for await (const one of stripe.refunds.list({ payment_intent: chargeRef, limit: 100 })) {
			const given = v.parse(Given, one);
			if (given.metadata?.["refundId"] === refundId) outcomes.push(outcomeOf(given));
		}
		const first = (wanted: RefundOutcome["outcome"]) => outcomes.find(({ outcome }) => outcome === wanted);
		return first("refunded") ?? first("pending") ?? first("refused");
	} catch (error) {
		throw stripeFailure("look-up of a refund", error);
	}
}

/** https://docs.stripe.com/api/refunds/object#refund_object-status */
function outcomeOf({ id, status }: v.InferOutput<typeof Given>): RefundOutcome {
	switch (status) {
		case "succeeded":
			return { outcome: "refunded", ref: id };
		case "pending":
		case "requires_action":
			return { outcome: "pending" };
		case "failed":
		case "canceled":
			return { outcome: "refused" };
		default:
			throw new Unexpected("a status that a refund cannot have");
	}
}
