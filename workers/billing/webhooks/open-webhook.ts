import Stripe from "stripe";
import * as v from "valibot";
import { Problem } from "../../../shared/http/problem.ts";

/** Seconds from Stripe's signature until we have it, clocks included: https://docs.stripe.com/webhooks#replay-attacks */
const tolerance = 300;

/** What is read of an event; of what it says happened nothing else. */
const Webhook = v.object({
	type: v.string(),
	data: v.object({
		object: v.object({
			metadata: v.nullish(v.record(v.string(), v.string())),
			/** Of a refund or dispute: the charge that it is about. */
			payment_intent: v.optional(v.fallback(v.nullable(v.string()), null)),
		}),
	}),
});
export type Webhook = v.InferOutput<typeof Webhook>;

interface Sent {
	/** As it came: the signature is over its bytes. */
	readonly body: Uint8Array;
	/** The header `stripe-signature`. */
	readonly signature: string;
	/** Of the endpoint. While it is rolled Stripe signs by the old and the new one. */
	readonly secret: string;
	readonly now: number;
}

/** Reads what Stripe has sent, or throws `wrong_signature`. Undefined for an event in which there is nothing for us. */
export async function openWebhook({ body, signature, secret, now }: Sent): Promise<Webhook | undefined> {
	const crypto = Stripe.createSubtleCryptoProvider();
	const event: unknown = await Stripe.webhooks
		.constructEventAsync(body, signature, secret, tolerance, crypto, now)
		.catch((error: unknown) => {
			throw new Problem(error instanceof Stripe.errors.StripeSignatureVerificationError ? "wrong_signature" : "malformed_json");
		});
	const parsed = v.safeParse(Webhook, event);
	return parsed.success ? parsed.output : undefined;
}
