import type Stripe from "stripe";
import * as v from "valibot";
import type { CardOwner } from "../vault/vault.ts";
import type { CardEntry } from "./provider.ts";
import { isCardError, stripeFailure, Unexpected } from "./stripe-client.ts";

type Registered = { readonly token: string } | { readonly declined: true };

const Made = v.object({ id: v.string() });
const Setup = v.object({ id: v.string(), status: v.string() });
const tokenPattern = /^(cus_\w+) (pm_\w+)$/;

/** The customer and the payment method at Stripe that a token names. Throws for what is no token of Stripe's. */
export function openToken(token: string): { readonly customer: string; readonly payment_method: string } {
	const [, customer, payment_method] = tokenPattern.exec(token) ?? [];
	if (!customer || !payment_method) throw new Unexpected("not a token of Stripe's");
	return { customer, payment_method };
}

/**
 * Tells Stripe of a card and lets its bank say yes to being charged while nobody is there
 * (https://docs.stripe.com/payments/save-and-reuse). Needs Stripe's leave to send raw numbers: docs/stripe.md.
 */
export async function registerCard(stripe: Stripe, card: CardEntry, owner: CardOwner): Promise<Registered> {
	const { pan, expMonth, expYear, name } = card;
	let methodId: string;
	try {
		const made = await stripe.paymentMethods.create(
			{
				type: "card",
				card: { number: pan, exp_month: expMonth, exp_year: expYear },
				...(name === null ? {} : { billing_details: { name } }),
			},
			{ idempotencyKey: `${owner.cardId}.method` },
		);
		methodId = v.parse(Made, made).id;
	} catch (error) {
		return refused(error);
	}
	return keepPaymentMethod(stripe, methodId, owner);
}

/**
 * Gives a payment method to a Stripe customer of its own, one for each card, and asks the bank. A bank that wants to ask
 * the holder first (`requires_action`) has declined: there is nobody to ask. Steps of which the answer was lost are answered the
 * same way again; their keys name what they are about, since a key that Stripe has forgotten makes a new one of it.
 */
export async function keepPaymentMethod(stripe: Stripe, methodId: string, owner: CardOwner): Promise<Registered> {
	const { cardId, customerId } = owner;
	const metadata = { cardId, customerId };
	try {
		const made = await stripe.customers.create(
			{ payment_method: methodId, metadata },
			{ idempotencyKey: `${cardId}.customer.${methodId}` },
		);
		const customer = v.parse(Made, made).id;
		const asked = await stripe.setupIntents.create(
			{
				customer,
				payment_method: methodId,
				allowed_payment_method_types: ["card"],
				usage: "off_session",
				confirm: true,
				metadata,
			},
			{ idempotencyKey: `${cardId}.setup.${customer}` },
		);
		const setup = v.parse(Setup, asked);
		// the answer under a key stays what it was the first time
		const { status } = setup.status === "processing" ? v.parse(Setup, await stripe.setupIntents.retrieve(setup.id)) : setup;
		return saidOf(status, `${customer} ${methodId}`);
	} catch (error) {
		return refused(error);
	}
}

function saidOf(status: string, token: string): Registered {
	openToken(token);
	switch (status) {
		case "succeeded":
			return { token };
		case "requires_action":
		case "requires_payment_method":
		case "canceled":
			return { declined: true };
		default:
			throw new Unexpected("not known yet");
	}
}

function refused(error: unknown): Registered {
	if (isCardError(error)) return { declined: true };
	throw stripeFailure("register", error);
}
