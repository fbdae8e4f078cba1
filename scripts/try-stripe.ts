import { isDeepStrictEqual } from "node:util";
import type Stripe from "stripe";
import { idOf } from "../shared/ids.ts";
import type { CardEntry, Charge } from "../workers/billing/provider/provider.ts";
import { stripeClient } from "../workers/billing/provider/stripe-client.ts";
import { stripeProvider } from "../workers/billing/provider/stripe-provider.ts";
import { keepPaymentMethod } from "../workers/billing/provider/stripe-register.ts";

/** One thing that Stripe was asked to do, and whether it came to what the adapter counts on. */
export interface Step {
	readonly step: string;
	readonly said: string;
	readonly good: boolean;
}

interface Trial {
	readonly key: string;
	readonly httpClient?: Stripe.HttpClient;
	/** Milliseconds between two looks at what Stripe's search knows. */
	readonly pause?: number;
}

/** A number of Stripe's test mode and the token that stands for it (https://docs.stripe.com/testing). */
interface TestCard {
	readonly pan: string;
	readonly token: string;
}
const testCards = {
	good: { pan: "4242424242424242", token: "tok_visa" },
	refused: { pan: "4000000000000002", token: "tok_chargeDeclined" },
	declines: { pan: "4000000000000341", token: "tok_chargeCustomerFail" },
} as const satisfies Record<string, TestCard>;

/** Why this key is not tried with; undefined when it is one of Stripe's test mode. */
export function refusalOf(key: string | undefined): string | undefined {
	if (!key) return "STRIPE_TEST_KEY is missing: a secret key of Stripe's test mode, sk_test_…";
	if (/^[rs]k_live_/.test(key)) return "This is a live key. Nobody is charged to try something out.";
	return /^[rs]k_test_\w+$/.test(key) ? undefined : "STRIPE_TEST_KEY is no secret key of Stripe's test mode.";
}

const random = () => crypto.getRandomValues(new Uint8Array(16));
const someOwner = () => ({ cardId: idOf("crd", "00", random()), customerId: idOf("cus", "00", random()) });

/** Registers, charges, looks up and gives back by the adapter, in Stripe's test mode: what no fake can know. */
export async function tryStripe({ pause = 5_000, ...access }: Trial): Promise<Step[]> {
	const provider = stripeProvider(access);
	const steps: Step[] = [];
	const note = (step: string, said: unknown, good: boolean) =>
		steps.push({ step, said: JSON.stringify(said) ?? "nothing", good });

	const register = async (card: TestCard) => {
		const entry: CardEntry = { pan: card.pan, expMonth: 12, expYear: new Date().getUTCFullYear() + 2, name: "Ada Example" };
		try {
			return await provider.register(entry, someOwner());
		} catch (error) {
			note(
				`card ${card.token}: no leave to send numbers? Its test token instead`,
				error instanceof Error ? error.message : error,
				true,
			);
			return registerToken(stripeClient(access), card.token);
		}
	};
	const registered = await register(testCards.good);
	note("a good card is registered", registered, "token" in registered);
	const refused = await register(testCards.refused);
	note("a card that its bank refuses is declined", refused, "declined" in refused);
	const declining = await register(testCards.declines);
	note("a card whose charges will be declined is registered", declining, "token" in declining);
	if (!("token" in registered && "token" in declining)) return steps;

	const chargeOf = (token: string): Charge => {
		const ids = { attemptId: idOf("att", "00", random()), customerId: idOf("cus", "00", random()) };
		return { ...ids, token, amountMinor: 1_999, currency: "EUR", startedAt: Date.now() };
	};
	const charge = chargeOf(registered.token);
	const none = await provider.findCharge(charge);
	note("a charge that was never made is not found", none, none === undefined);
	const charged = await provider.charge(charge);
	note("it is charged", charged, charged.outcome === "approved");
	const again = await provider.charge(charge);
	note("asked again under the same key: the same charge", again, isDeepStrictEqual(again, charged));
	const found = await provider.findCharge(charge);
	note("found by its id in the list", found, isDeepStrictEqual(found, charged));

	const hopeless = chargeOf(declining.token);
	const declined = await provider.charge(hopeless);
	note("the other card is declined", declined, declined.outcome === "declined");
	const foundDeclined = await provider.findCharge(hopeless);
	note("and found declined in the same way", foundDeclined, isDeepStrictEqual(foundDeclined, declined));

	// up to a minute until the search knows it: https://docs.stripe.com/search#data-freshness
	const byOther = { ...charge, token: declining.token };
	let searched = await provider.findCharge(byOther);
	for (let looks = 1; !searched && looks < 24; looks++) {
		await new Promise((resolve) => setTimeout(resolve, pause));
		searched = await provider.findCharge(byOther);
	}
	note("found by the search, asked with another card", searched, isDeepStrictEqual(searched, charged));

	if (charged.outcome !== "approved") return steps;
	const refundOf = (amountMinor: number) => {
		const refundId = idOf("rfd", "00", random());
		return { refundId, chargeRef: charged.ref, amountMinor, currency: "EUR", startedAt: Date.now() };
	};
	const refund = refundOf(500);
	const given = await provider.refund(refund);
	note("5.00 of it are given back", given, given.outcome !== "refused");
	const givenAgain = await provider.refund(refund);
	note("asked again under the same key: the same refund", givenAgain, isDeepStrictEqual(givenAgain, given));
	const foundRefund = await provider.findRefund(refund);
	note("found by its id", foundRefund, foundRefund !== undefined && foundRefund.outcome !== "refused");
	const tooMuch = await provider.refund(refundOf(1_500));
	note("more than is left is refused", tooMuch, tooMuch.outcome === "refused");
	return steps;
}

async function registerToken(stripe: Stripe, token: string) {
	const { id } = await stripe.paymentMethods.create({ type: "card", card: { token } });
	return keepPaymentMethod(stripe, id, someOwner());
}
