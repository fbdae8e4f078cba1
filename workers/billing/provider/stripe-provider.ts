import type Stripe from "stripe";
import type { PaymentProvider } from "./provider.ts";
import { charge, findCharge } from "./stripe-charges.ts";
import { type StripeAccess, stripeClient } from "./stripe-client.ts";
import { findRefund, refund } from "./stripe-refunds.ts";
import { registerCard } from "./stripe-register.ts";

/** Charges cards by Stripe: docs/stripe.md. Without a key every call rejects. */
export function stripeProvider(access: StripeAccess): PaymentProvider {
	let made: Stripe | undefined;
	/** When first asked for: most requests have nothing to do with it. */
	const stripe = () => {
		made ??= stripeClient(access);
		return made;
	};
	return {
		register: async (card, owner) => registerCard(stripe(), card, owner),
		charge: async (asked) => charge(stripe(), asked),
		findCharge: async (asked) => findCharge(stripe(), asked),
		refund: async (asked) => refund(stripe(), asked),
		findRefund: async (asked) => findRefund(stripe(), asked),
	};
}
