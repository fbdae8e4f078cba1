import type Stripe from "stripe";
import * as v from "valibot";
import type { Charge, ChargeOutcome } from "./provider.ts";
import { isCardError, refusalOf, stripeFailure, Unexpected } from "./stripe-client.ts";
import { declineOf } from "./stripe-declines.ts";
import { openToken } from "./stripe-register.ts";

const word = v.nullish(v.string());
const Intent = v.object({
	id: v.string(),
	status: v.string(),
	amount: v.pipe(v.number(), v.safeInteger()),
	currency: v.string(),
	metadata: v.record(v.string(), v.string()),
	last_payment_error: v.nullish(v.object({ code: word, decline_code: word, advice_code: word })),
});
type Intent = v.InferOutput<typeof Intent>;

/**
 * Charges a card while its holder is away (https://docs.stripe.com/api/payment_intents/create). Under the same key Stripe
 * answers what it answered the first time, declines and its own failures too, for 24 hours
 * (https://docs.stripe.com/api/idempotent_requests).
 */
export async function charge(stripe: Stripe, { attemptId, customerId, token, amountMinor, currency }: Charge) {
	try {
		const { customer, payment_method } = openToken(token);
		const made = await stripe.paymentIntents.create(
			{
				amount: amountMinor,
				currency: currency.toLowerCase(),
				customer,
				payment_method,
				allowed_payment_method_types: ["card"],
				off_session: true,
				confirm: true,
				metadata: { attemptId, customerId },
			},
			{ idempotencyKey: attemptId },
		);
		const outcome = outcomeOf(v.parse(Intent, made));
		if (!outcome) throw new Unexpected("neither charged nor declined");
		return outcome;
	} catch (error) {
		if (isCardError(error)) return { outcome: "declined", decline: declineOf(error) } as const;
		const reason = refusalOf(error);
		if (reason) return { outcome: "refused", reason } as const;
		throw stripeFailure("charge", error);
	}
}

/**
 * First among the payments of the card's own Stripe customer: lists show what was written just before. Then everywhere, since
 * a database that was put back may have charged another card under this id: searches are late by less than a minute, in an
 * outage by up to an hour (https://docs.stripe.com/search#data-freshness), and such a charge is older. Neither is bounded by
 * `startedAt`, which such a database has begun anew, and the card may be gone by now; a card has a few payments a month, and a page holds 100.
 */
export async function findCharge(stripe: Stripe, { attemptId, token }: Charge): Promise<ChargeOutcome | undefined> {
	try {
		const own =
			token && (await found(stripe.paymentIntents.list({ customer: openToken(token).customer, limit: 100 }), attemptId));
		if (own) return own;
		return await found(stripe.paymentIntents.search({ query: `metadata['attemptId']:'${attemptId}'`, limit: 100 }), attemptId);
	} catch (error) {
		throw stripeFailure("look-up of a charge", error);
	}
}

/** What the payments of this attempt have come to. There is one, unless somebody has helped: then money that was taken counts. */
async function found(payments: AsyncIterable<unknown>, attemptId: string): Promise<ChargeOutcome | undefined> {
	const outcomes: ChargeOutcome[] = [];
	for await (const payment of payments) {
		const intent = v.parse(Intent, payment);
		const outcome = intent.metadata["attemptId"] === attemptId ? outcomeOf(intent) : undefined;
		if (outcome) outcomes.push(outcome);
	}
	const first = (wanted: ChargeOutcome["outcome"]) => outcomes.find(({ outcome }) => outcome === wanted);
	return first("approved") ?? first("pending") ?? first("declined");
}

/**
 * https://docs.stripe.com/payments/paymentintents/lifecycle; undefined for one that was never put to the bank: Stripe failed
 * between making and confirming it, and nobody but us could confirm it.
 */
function outcomeOf({
	id,
	status,
	amount: amountMinor,
	currency,
	last_payment_error: refusal,
}: Intent): ChargeOutcome | undefined {
	switch (status) {
		case "succeeded":
			return { outcome: "approved", ref: id, amountMinor, currency: currency.toUpperCase() };
		case "processing":
			return { outcome: "pending" };
		case "requires_action": // of the holder, who is away
			return { outcome: "declined", decline: declineOf({ code: "authentication_required" }) };
		case "canceled": // by somebody in Stripe's dashboard
			return { outcome: "declined", decline: declineOf(refusal ?? {}) };
		case "requires_payment_method":
			return refusal ? { outcome: "declined", decline: declineOf(refusal) } : undefined;
		case "requires_confirmation":
			return undefined;
		default:
			throw new Unexpected("a status that a charge cannot have");
	}
}
