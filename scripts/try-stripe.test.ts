import { execFile } from "node:child_process";
import Stripe from "stripe";
import { expect, it } from "vitest";
import { FakeStripe } from "../shared/testing/stripe/fake-stripe.ts";
import { root } from "./run.ts";
import { refusalOf, tryStripe } from "./try-stripe.ts";

const key = "sk_test_fake";
const trial = (stripe: FakeStripe) => tryStripe({ key, httpClient: Stripe.createFetchHttpClient(stripe.fetch), pause: 1 });
const redOf = (steps: Awaited<ReturnType<typeof trial>>) => steps.filter(({ good }) => !good).map(({ step }) => step);

it.each([
	[undefined, "missing"],
	["", "missing"],
	["sk_live_abc", "live key"],
	["rk_live_abc", "live key"],
	["pk_test_abc", "no secret key"],
	["whsec_abc", "no secret key"],
	["sk_test_abc", undefined],
	["rk_test_abc", undefined],
])("the key %s is refused for: %s", (given, reason) => {
	expect(refusalOf(given)).toEqual(reason && expect.stringContaining(reason));
});

it.each([{}, { STRIPE_TEST_KEY: "sk_live_abc" }])("the command asks nobody without a key of the test mode: %j", async (given) => {
	const ended = await new Promise<{ code: number | string | null | undefined; said: string }>((resolve) => {
		const { STRIPE_TEST_KEY: _, ...env } = process.env;
		execFile(process.execPath, ["scripts/stripe-smoke.ts"], { cwd: root, env: { ...env, ...given } }, (error, stdout, stderr) =>
			resolve({ code: error?.code, said: stdout + stderr }),
		);
	});
	expect(ended.code).toBe(2);
	expect(ended.said).not.toContain("Asks Stripe");
});

it("every step is good before the fake, by numbers and, where they may not be sent, by test tokens", async () => {
	const byNumbers = await trial(new FakeStripe());
	expect(redOf(byNumbers)).toEqual([]);
	const stripe = new FakeStripe();
	for (const pan of ["4242424242424242", "4000000000000002", "4000000000000341"])
		stripe.account.banks.set(pan, { ...stripe.account.banks.get(pan), takesNumber: false });
	const byTokens = await trial(stripe);
	expect(redOf(byTokens)).toEqual([]);
	expect(byTokens.length).toBe(byNumbers.length + 3);
});

it("a Stripe that forgets keys, or does not find by the search, is red", async () => {
	const stripe = new FakeStripe();
	stripe.account.indexing = false;
	expect(redOf(await trial(stripe))).toEqual(["found by the search, asked with another card"]);
	const forgetful = new FakeStripe();
	const { fetch } = forgetful;
	const httpClient = Stripe.createFetchHttpClient((...request: Parameters<typeof fetch>) => {
		forgetful.forgetKeys();
		return fetch(...request);
	});
	expect(redOf(await tryStripe({ key, httpClient, pause: 1 }))).toContain("asked again under the same key: the same charge");
});
