import Stripe from "stripe";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { describeError } from "../../../shared/log.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { failed } from "../../../shared/testing/stripe/answers.ts";
import { FakeStripe, type Fault } from "../../../shared/testing/stripe/fake-stripe.ts";
import type { CardEntry, Charge } from "./provider.ts";
import { type BankAnswer, describeProvider, everythingOf, type Mishap } from "./provider-behaviour.ts";
import { stripeProvider } from "./stripe-provider.ts";

const pan = "4242424242424242";
const key = "sk_test_fake";
const providerOf = (stripe: FakeStripe) => stripeProvider({ key, httpClient: Stripe.createFetchHttpClient(stripe.fetch) });

const faults: Readonly<Record<Mishap, Fault>> = {
	"request lost": "lost",
	"answer lost": "answer lost",
	busy: 429,
	"out of order": 503,
	malformed: "malformed",
};

/** How Stripe says it. */
function chargesOf(answer: Exclude<BankAnswer, "refused">): string {
	if (answer === "yes") return "succeeded";
	if (answer === "undecided") return "processing";
	const codes = { insufficient_funds: "insufficient_funds", card_expired: "expired_card" };
	return answer.reason === "card_declined" ? { soft: "do_not_honor", hard: "stolen_card" }[answer.kind] : codes[answer.reason];
}

describeProvider("Stripe", () => {
	const stripe = new FakeStripe();
	let cards = 0;
	return {
		provider: providerOf(stripe),
		cardThat(answer) {
			cards += 1;
			const number = `42424242424242${String(cards).padStart(2, "0")}`;
			stripe.account.banks.set(number, answer === "refused" ? { registration: "declined" } : { charges: chargesOf(answer) });
			return { pan: number, expMonth: 12, expYear: 2031, name: "Ada Example" };
		},
		befall: (mishap) => {
			stripe.faults.push(faults[mishap]);
		},
		decide: () => stripe.account.settle(),
		refuseRefunds: () => {
			stripe.account.refundsAre = "failed";
		},
		taken: () => stripe.account.taken(),
	};
});

const card: CardEntry = { pan, expMonth: 12, expYear: 2031, name: null };
const owner = { cardId: newId("crd", "00"), customerId: newId("cus", "00") };
let stripe: FakeStripe;
let provider: ReturnType<typeof stripeProvider>;
beforeEach(() => {
	stripe = new FakeStripe();
	provider = providerOf(stripe);
});

async function chargeOf(entry = card): Promise<Charge> {
	const cardOwner = { ...owner, cardId: newId("crd", "00") };
	const registered = await provider.register(entry, cardOwner);
	if (!("token" in registered)) throw new Error("declined");
	const { token } = registered;
	return { attemptId: newId("att", "00"), token, amountMinor: 500, currency: "EUR", customerId: owner.customerId, startedAt: 0 };
}
const rejection = async (work: Promise<unknown>) =>
	everythingOf(
		await work.then(
			() => undefined,
			(error: unknown) => error,
		),
	);

describe("a card at Stripe", () => {
	it("is told once: the number in one request, a customer of its own, and the bank asked for charges while nobody is there", async () => {
		expect(await provider.register(card, owner)).toEqual({ token: expect.stringMatching(/^cus_\w+ pm_\w+$/) });
		expect(stripe.requests.map(({ path }) => path)).toEqual(["/v1/payment_methods", "/v1/customers", "/v1/setup_intents"]);
		expect(stripe.requests.filter(({ body }) => body.includes(pan))).toHaveLength(1);
		expect(stripe.requests[2]?.body).toContain("usage=off_session&confirm=true");
	});

	it.each([1, 2, 3])(
		"whose registration is broken off at request %i is registered by the same again, with one customer",
		async (at) => {
			stripe.faults.push(...[null, null].slice(0, at - 1), "answer lost");
			await rejection(provider.register(card, owner));
			expect(await provider.register(card, owner)).toEqual({ token: expect.any(String) });
			const answers = stripe.requests.filter(({ path }) => path === "/v1/customers").map(({ key }) => key);
			expect(new Set(answers).size).toBe(1);
		},
	);

	it("is registered anew when Stripe has forgotten some of its keys: none stands for what it was not made for", async () => {
		stripe.faults.push(null, "answer lost");
		await rejection(provider.register(card, owner));
		stripe.forgetKeys(".method");
		const first = await provider.register(card, owner);
		expect(first).toEqual({ token: expect.any(String) });
		expect(await provider.register(card, owner)).toEqual(first);
	});

	it("whose bank wants to ask its holder is declined: there is nobody to ask", async () => {
		stripe.account.banks.set(pan, { registration: "requires_action" });
		expect(await provider.register(card, owner)).toEqual({ declined: true });
	});

	it("about which the bank thinks is looked at once more, as the key's answer would stay what it is", async () => {
		stripe.account.banks.set(pan, { registration: "processing" });
		expect(await provider.register(card, owner)).toEqual({ token: expect.any(String) });
	});

	it("is not declined but tried again while Stripe does not let us send numbers", async () => {
		stripe.account.banks.set(pan, { takesNumber: false });
		const said = await rejection(provider.register(card, owner));
		expect(said).toContain("Stripe register: StripeCardError 402 invalid_request_error req_fake");
		expect(said).not.toContain(pan);
	});
});

describe("a charge at Stripe", () => {
	it("goes to the card's own customer while its holder is away, in minor units, with the attempt's id as key and metadata", async () => {
		const charge = await chargeOf();
		await provider.charge(charge);
		const { body, key: used } = stripe.requests.at(-1) ?? {};
		const [customer, method] = charge.token.split(" ");
		expect(used).toBe(charge.attemptId);
		expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
			amount: "500",
			currency: "eur",
			customer,
			payment_method: method,
			"allowed_payment_method_types[0]": "card",
			off_session: "true",
			confirm: "true",
			"metadata[attemptId]": charge.attemptId,
			"metadata[customerId]": charge.customerId,
		});
	});

	it("is found behind 250 later ones of the same card, page by page, before the search knows it", async () => {
		stripe.account.indexing = false;
		const charge = await chargeOf();
		await provider.charge(charge);
		for (let i = 0; i < 250; i++) await provider.charge({ ...charge, attemptId: newId("att", "00") });
		stripe.requests.length = 0;
		expect(await provider.findCharge(charge)).toMatchObject({ outcome: "approved", ref: stripe.account.intents.at(-1)?.id });
		expect(stripe.requests.map(({ path }) => path)).toEqual(new Array(3).fill("/v1/payment_intents"));
	});

	it("that Stripe made twice, since its key was forgotten, counts as taken, whichever came first", async () => {
		const declining = await chargeOf();
		stripe.account.banks.set(pan, { charges: "insufficient_funds" });
		await provider.charge(declining);
		stripe.forgetKeys();
		stripe.account.banks.delete(pan);
		await provider.charge(declining);
		stripe.forgetKeys();
		stripe.account.banks.set(pan, { charges: "processing" });
		await provider.charge(declining);
		expect(await provider.findCharge(declining)).toMatchObject({ outcome: "approved" });
	});

	it("that failed in the middle at Stripe fails again under its key; it was never put to the bank, so there is none", async () => {
		stripe.account.banks.set(pan, { charges: "requires_confirmation" });
		const charge = await chargeOf();
		stripe.faults.push("500 for ever");
		for (const _ of ["once", "again"]) expect(await rejection(provider.charge(charge))).toContain("StripeAPIError 500");
		expect(await provider.findCharge(charge)).toBeUndefined();
	});

	it("that failed in the middle after the bank had said yes is found", async () => {
		const charge = await chargeOf();
		stripe.faults.push("500 for ever");
		await rejection(provider.charge(charge));
		expect(await provider.findCharge(charge)).toMatchObject({ outcome: "approved" });
	});

	it.each([409, 500, "no JSON"] as const)("is not known to have failed when Stripe answers %s", async (fault) => {
		const charge = await chargeOf();
		stripe.faults.push(fault);
		expect(await rejection(provider.charge(charge))).toMatch(/Stripe charge: Stripe/);
	});

	it("that Stripe is too busy for leaves in the log what Stripe called it, and its request's id", async () => {
		const charge = await chargeOf();
		stripe.faults.push(429);
		const error: unknown = await provider.charge(charge).catch((thrown: unknown) => thrown);
		expect(describeError(error)).toMatch(/^Stripe charge: StripeRateLimitError 429 api_error req_fake at /);
	});

	it("is never another one under the same id: a changed amount is refused by Stripe, and not a decline", async () => {
		const charge = await chargeOf();
		await provider.charge(charge);
		expect(await rejection(provider.charge({ ...charge, amountMinor: 501 }))).toContain(
			"StripeIdempotencyError 400 idempotency_error",
		);
		expect(stripe.account.taken()).toBe(500);
	});

	it("for which the bank wants to ask the holder is declined for good", async () => {
		const charge = await chargeOf();
		stripe.account.banks.set(pan, { charges: "requires_action" });
		const declined = { outcome: "declined", decline: { kind: "hard", reason: "card_declined" } };
		expect(await provider.charge(charge)).toEqual(declined);
		expect(await provider.findCharge(charge)).toEqual(declined);
	});

	it("that somebody has cancelled in the dashboard is declined, and may be tried again", async () => {
		const charge = await chargeOf();
		stripe.account.banks.set(pan, { charges: "processing" });
		await provider.charge(charge);
		for (const intent of stripe.account.intents) intent.status = "canceled";
		expect(await provider.findCharge(charge)).toMatchObject({ outcome: "declined", decline: { kind: "soft" } });
	});

	it("with what is no token of Stripe's, or without a key, asks nobody", async () => {
		const charge = await chargeOf();
		stripe.requests.length = 0;
		const said = await rejection(provider.charge({ ...charge, token: "another provider's" }));
		expect(said).toContain("Stripe charge: not a token of Stripe's");
		await expect(stripeProvider({ key: "" }).charge(charge)).rejects.toThrow();
		expect(stripe.requests).toEqual([]);
	});

	it("asks by the global fetch unless told, and says nothing of the request when nobody answers", async () => {
		const charge = await chargeOf();
		vi.stubGlobal("fetch", stripe.fetch);
		try {
			expect(await stripeProvider({ key }).charge(charge)).toMatchObject({ outcome: "approved" });
			stripe.faults.push("lost");
			const said = await rejection(stripeProvider({ key }).charge(charge));
			expect(said).toContain("Stripe charge: StripeConnectionError");
			expect(said).not.toContain(charge.token);
		} finally {
			vi.unstubAllGlobals();
		}
	});

	it.each([
		[400, "parameter_invalid_integer", "refused"],
		[400, "resource_missing", "rejected"],
		[404, "resource_missing", "rejected"],
		[409, "lock_timeout", "rejected"],
		[429, "rate_limit", "rejected"],
		[401, "api_key_expired", "rejected"],
	])(
		"that is answered %i %s is %s: only what Stripe will not do as it was asked is an answer",
		async (status, code, expected) => {
			const charge = await chargeOf();
			stripe.account.answer = () => failed(status, { type: "invalid_request_error", code, message: "wrong" });
			const outcome = await provider.charge(charge).then(
				(said) => said,
				() => "rejected",
			);
			expect(outcome).toEqual(expected === "refused" ? { outcome: "refused", reason: code } : "rejected");
		},
	);
});

describe("a refund at Stripe", () => {
	it("that takes its time is pending, then refunded", async () => {
		const charge = await chargeOf();
		const charged = await provider.charge(charge);
		const chargeRef = "ref" in charged ? charged.ref : "";
		const refund = { refundId: newId("rfd", "00"), chargeRef, amountMinor: 200, currency: "EUR", startedAt: 0 };
		stripe.account.refundsAre = "pending";
		expect(await provider.refund(refund)).toEqual({ outcome: "pending" });
		expect(await provider.findRefund(refund)).toEqual({ outcome: "pending" });
		stripe.account.settle();
		expect(await provider.findRefund(refund)).toMatchObject({ outcome: "refunded" });
	});

	it("of everything, asked again after Stripe has forgotten the key, is not refused: it was given", async () => {
		const charge = await chargeOf();
		const charged = await provider.charge(charge);
		const chargeRef = "ref" in charged ? charged.ref : "";
		const refund = { refundId: newId("rfd", "00"), chargeRef, amountMinor: 500, currency: "EUR", startedAt: 0 };
		const given = await provider.refund(refund);
		stripe.forgetKeys();
		expect(await provider.refund(refund)).toEqual(given);
		expect(stripe.account.refunds).toHaveLength(1);
	});

	it("of a charge that Stripe does not know is no refusal: the key may be another account's", async () => {
		const refund = { refundId: newId("rfd", "00"), chargeRef: "pi_unknown", amountMinor: 500, currency: "EUR", startedAt: 0 };
		expect(await rejection(provider.refund(refund))).toContain("resource_missing");
	});
});
