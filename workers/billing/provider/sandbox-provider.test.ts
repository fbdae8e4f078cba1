import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryLedger } from "../../../scripts/dev/payments/ledger.ts";
import { createSandbox } from "../../../scripts/dev/payments/sandbox.ts";
import { somePan } from "../../../shared/testing/cards.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { sandboxPan, serveSandbox } from "../../../shared/testing/payments.ts";
import { chosenProvider } from "./chosen-provider.ts";
import type { Charge } from "./provider.ts";
import { sandboxProvider } from "./sandbox-provider.ts";

const url = "https://payments.test";
const key = "a-key-of-tests";
const card = { pan: somePan.visa, expMonth: 12, expYear: 2039, name: "Ada Example" };
const owner = { cardId: newId("crd", "00"), customerId: newId("cus", "00") };
const provider = sandboxProvider({ url, key, patience: 100 });

let ask: (request: Request) => Promise<Response>;
beforeEach(() => {
	ask = createSandbox({ key, ledger: memoryLedger(), now: Date.now });
	serveSandbox(ask);
});
afterEach(() => vi.unstubAllGlobals());

const fails = (...kinds: readonly string[]) => about("/__sandbox/faults", { next: kinds.map((kind) => ({ kind, ms: 500 })) });
async function about(path: string, body?: object): Promise<{ charges: unknown[]; refunds: unknown[]; cards: unknown[] }> {
	const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
	const response = await ask(new Request(url + path, { ...init, headers: { authorization: `Bearer ${key}` } }));
	expect(response.status).toBe(200);
	return response.json();
}
async function tokenOf(pan: string): Promise<string> {
	const registered = await provider.register({ ...card, pan }, { ...owner, cardId: newId("crd", "00") });
	return "token" in registered ? registered.token : expect.fail("declined");
}
const chargeOf = async (pan: string, token?: string): Promise<Charge> => ({
	attemptId: newId("att", "00"),
	token: token ?? (await tokenOf(pan)),
	amountMinor: 4990,
	currency: "EUR",
	customerId: owner.customerId,
	startedAt: Date.now(),
});
async function refundOf(pan: string, amountMinor = 4990) {
	const charged = await provider.charge(await chargeOf(pan));
	const chargeRef = "ref" in charged ? charged.ref : expect.fail("not charged");
	return { refundId: newId("rfd", "00"), chargeRef, amountMinor, currency: "EUR", startedAt: Date.now() };
}

describe("a card", () => {
	it("is given one token, however often it is told of", async () => {
		const first = await provider.register(card, owner);

		expect(await provider.register(card, owner)).toEqual(first);
		expect(first).toEqual({ token: expect.stringMatching(/^tok\./) });
		expect((await about("/v1/ledger")).cards).toHaveLength(1);
	});

	it("may be declined", async () => {
		expect(await provider.register({ ...card, pan: sandboxPan.declined }, owner)).toEqual({ declined: true });
	});

	it("under the id of another one is not taken", async () => {
		await provider.register(card, owner);
		await expect(provider.register({ ...card, pan: sandboxPan.hard }, owner)).rejects.toMatchObject({ reason: "status_409" });
	});

	it("leaves nothing of its number with the sandbox, nor in an error", async () => {
		const answers = [JSON.stringify(await provider.register(card, owner))];
		for (const fault of ["timeout_with_charge", "429", "malformed"]) {
			await fails(fault);
			const error: unknown = await provider.register(card, owner).catch((thrown: unknown) => thrown);
			answers.push(`${error} ${error instanceof Error ? error.stack : ""} ${JSON.stringify(error)}`);
		}
		const kept = JSON.stringify([answers, await about("/v1/ledger"), await about("/__sandbox/faults")]);
		for (const secret of [card.pan, card.pan.slice(0, 12), "Ada Example"]) expect(kept).not.toContain(secret);
	});
});

const approved = { outcome: "approved", ref: expect.any(String), amountMinor: 4990, currency: "EUR" };

describe("a charge", () => {
	it("is approved, once for each attempt, and is found by it whichever card made it", async () => {
		const charge = await chargeOf(card.pan);
		const first = await provider.charge(charge);

		expect(first).toEqual(approved);
		expect(await provider.charge({ ...charge, startedAt: 1 })).toEqual(first);
		expect(await provider.findCharge({ ...charge, token: await tokenOf(sandboxPan.hard) })).toEqual(first);
		expect((await about("/v1/ledger")).charges).toHaveLength(1);
	});

	it.each([
		[
			"softAlways",
			[
				["soft", "insufficient_funds"],
				["soft", "insufficient_funds"],
				["soft", "insufficient_funds"],
			],
		],
		["softTwice", [["soft", "insufficient_funds"], ["soft", "insufficient_funds"], undefined, undefined]],
		["expired", [["hard", "card_expired"]]],
		["hard", [["hard", "card_declined"]]],
	] as const)("of the card %s is declined as its number says", async (name, expected) => {
		const token = await tokenOf(sandboxPan[name]);
		for (const decline of expected) {
			const charge = await chargeOf("", token);
			const outcome = await provider.charge(charge);
			const [kind, reason] = decline ?? [];
			expect(outcome).toMatchObject(decline ? { outcome: "declined", decline: { kind, reason } } : { outcome: "approved" });
			expect(await provider.charge(charge)).toEqual(outcome);
			expect(await provider.findCharge(charge)).toEqual(outcome);
		}
	});

	it("may be pending, until it is looked up", async () => {
		const charge = await chargeOf(sandboxPan.pending);

		expect(await provider.charge(charge)).toEqual({ outcome: "pending" });
		expect(await provider.charge(charge)).toEqual({ outcome: "pending" });
		const found = await provider.findCharge(charge);
		expect(found).toMatchObject({ outcome: "approved" });
		expect(await provider.charge(charge)).toEqual(found);
	});

	it("of too little is refused, and leaves nothing", async () => {
		const charge = { ...(await chargeOf(card.pan)), amountMinor: 29 };

		expect(await provider.charge(charge)).toEqual({ outcome: "refused", reason: "amount_too_small" });
		expect(await provider.findCharge(charge)).toBeUndefined();
		expect(await provider.charge({ ...charge, amountMinor: 30 })).toMatchObject({ outcome: "approved" });
	});

	it("that was never made is not found", async () => {
		expect(await provider.findCharge(await chargeOf(card.pan))).toBeUndefined();
	});

	it.each([
		["another amount", { amountMinor: 1 }],
		["another currency", { currency: "USD" }],
		["another customer", { customerId: newId("cus", "00") }],
	])("under the id of another one is not made: %s", async (_, change) => {
		const charge = await chargeOf(card.pan);
		await provider.charge(charge);

		await expect(provider.charge({ ...charge, ...change })).rejects.toMatchObject({ reason: "status_409" });
		await expect(provider.charge({ ...charge, token: await tokenOf(card.pan) })).rejects.toMatchObject({ reason: "status_409" });
		expect((await about("/v1/ledger")).charges).toHaveLength(1);
	});

	it("by a token that is none is not made", async () => {
		await expect(provider.charge(await chargeOf("", "tok_1"))).rejects.toMatchObject({ reason: "status_422" });
	});
});

describe("a refund", () => {
	it("is made once, and found", async () => {
		const refund = await refundOf(card.pan);
		expect(await provider.findRefund(refund)).toBeUndefined();
		const first = await provider.refund(refund);

		expect(first).toEqual({ outcome: "refunded", ref: expect.any(String) });
		expect(await provider.refund(refund)).toEqual(first);
		expect(await provider.findRefund(refund)).toEqual(first);
		expect((await about("/v1/ledger")).refunds).toHaveLength(1);
	});

	it("is refused when the card does not take it back, and beyond what was charged", async () => {
		expect(await provider.refund(await refundOf(sandboxPan.refundRefused))).toEqual({ outcome: "refused" });
		expect(await provider.refund(await refundOf(card.pan, 4991))).toEqual({ outcome: "refused" });
		const part = await refundOf(card.pan, 2500);
		expect(await provider.refund(part)).toMatchObject({ outcome: "refunded" });
		expect(await provider.refund({ ...part, refundId: newId("rfd", "00") })).toEqual({ outcome: "refused" });
		const rest = { ...part, refundId: newId("rfd", "00"), amountMinor: 2490 };
		expect(await provider.refund(rest)).toMatchObject({ outcome: "refunded" });
	});

	it("may be pending, until it is looked up", async () => {
		const refund = await refundOf(sandboxPan.refundPending);

		expect(await provider.refund(refund)).toEqual({ outcome: "pending" });
		expect(await provider.findRefund(refund)).toMatchObject({ outcome: "refunded" });
	});

	it("of a charge that is none, or under the id of another refund, is not made", async () => {
		const refund = await refundOf(card.pan, 100);
		await expect(provider.refund({ ...refund, chargeRef: "ch_none" })).rejects.toMatchObject({ reason: "status_422" });
		await provider.refund(refund);
		await expect(provider.refund({ ...refund, amountMinor: 101 })).rejects.toMatchObject({ reason: "status_409" });
	});
});

describe("when something goes wrong, what became of it is not known, and can be looked up:", () => {
	const faults = [
		["timeout_with_charge", "timeout", true],
		["timeout_without_charge", "timeout", false],
		["latency", "timeout", true],
		["malformed", "malformed", true],
		["429", "status_429", false],
		["500", "status_500", false],
	] as const;

	it.each(faults)("a charge with %s", async (fault, reason, charged) => {
		const charge = await chargeOf(card.pan);
		await fails(fault);

		await expect(provider.charge(charge)).rejects.toMatchObject({ name: "ProviderFailed", reason });

		const found = await vi.waitFor(async () => {
			const one = await provider.findCharge(charge);
			expect(one !== undefined).toBe(charged);
			return one;
		});
		expect(await provider.charge(charge)).toEqual(found ?? approved);
		expect((await about("/v1/ledger")).charges).toHaveLength(1);
	});

	it.each(faults)("a refund with %s", async (fault, reason, given) => {
		const refund = await refundOf(card.pan);
		await fails(fault);

		await expect(provider.refund(refund)).rejects.toMatchObject({ name: "ProviderFailed", reason });

		const found = await vi.waitFor(async () => {
			const one = await provider.findRefund(refund);
			expect(one !== undefined).toBe(given);
			return one;
		});
		expect(await provider.refund(refund)).toEqual(found ?? { outcome: "refunded", ref: expect.any(String) });
		expect((await about("/v1/ledger")).refunds).toHaveLength(1);
	});

	it("faults come one by one, to every kind of call, and then they are over", async () => {
		const charge = await chargeOf(card.pan);
		await fails("500", "429", "malformed");
		await expect(provider.register(card, owner)).rejects.toMatchObject({ reason: "status_500" });
		await expect(provider.findCharge(charge)).rejects.toMatchObject({ reason: "status_429" });
		await expect(provider.charge(charge)).rejects.toMatchObject({ reason: "malformed" });
		expect(await provider.findCharge(charge)).toMatchObject({ outcome: "approved" });
	});

	it("latency alone is waited for", async () => {
		await about("/__sandbox/faults", { next: [{ kind: "latency", ms: 20 }] });
		expect(await provider.charge(await chargeOf(card.pan))).toMatchObject({ outcome: "approved" });
	});

	it("nobody is there", async () => {
		serveSandbox(async () => {
			throw new TypeError(`no such host: ${card.pan}`);
		});
		const error: unknown = await provider.register(card, owner).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ reason: "unreachable" });
		expect(`${error} ${error instanceof Error ? `${error.stack} ${error.cause}` : ""}`).not.toContain(card.pan);
	});

	it.each([
		["another outcome", { outcome: "maybe" }],
		["an approval without a name", { outcome: "approved" }],
		["an approval of nobody knows what", { outcome: "approved", ref: "ch_1" }],
		["more than is known", { ...approved, ref: "ch_1", amount: 1 }],
		["a hard decline that is soft", { outcome: "declined", decline: { kind: "hard", reason: "insufficient_funds" } }],
		["nothing", null],
	])("an answer that is none: %s", async (_, body) => {
		const charge = await chargeOf(card.pan);
		serveSandbox(async () => Response.json(body));
		await expect(provider.charge(charge)).rejects.toMatchObject({ reason: "malformed" });
		await expect(provider.findCharge(charge)).rejects.toMatchObject({ reason: "malformed" });
	});

	it("a redirect is not followed with a card's number", async () => {
		const asked: string[] = [];
		serveSandbox(async (request) => {
			asked.push(`${request.url} ${request.redirect}`);
			return Response.redirect("https://elsewhere.test/", 307);
		});
		await expect(provider.register(card, owner)).rejects.toMatchObject({ reason: "status_307" });
		expect(asked).toEqual([`${url}/v1/cards manual`]);
	});

	it("another key is not let in", async () => {
		const stranger = sandboxProvider({ url, key: "guessed" });
		await expect(stranger.register(card, owner)).rejects.toMatchObject({ reason: "status_401" });
	});
});

describe("as it is configured:", () => {
	const env = { PAYMENT_PROVIDER: "sandbox", PAYMENT_SANDBOX_URL: url, PAYMENT_KEY: key };

	it("the sandbox", async () => {
		const warn = vi.fn();
		expect(await chosenProvider(env, { warn }).register(card, owner)).toMatchObject({ token: expect.any(String) });
		expect(warn).not.toHaveBeenCalled();
	});

	it.each([
		["nobody", { PAYMENT_PROVIDER: "" }],
		["somebody unknown", { PAYMENT_PROVIDER: "bank" }],
		["the sandbox without its address", { PAYMENT_SANDBOX_URL: "" }],
		["the sandbox without a key", { PAYMENT_KEY: "" }],
	])("%s charges no card, and the log says so", async (_, change) => {
		const warn = vi.fn();
		const provider = chosenProvider({ ...env, ...change }, { warn });
		const charge = await chargeOf(card.pan);
		const refund = await refundOf(card.pan);
		const calls = [
			() => provider.register(card, owner),
			() => provider.charge(charge),
			() => provider.findCharge(charge),
			() => provider.refund(refund),
			() => provider.findRefund(refund),
		];
		for (const call of calls) await expect(call()).rejects.toMatchObject({ reason: "not_configured" });
		expect(warn.mock.calls).toHaveLength(calls.length);
		for (const [message, fields] of warn.mock.calls) {
			expect([message, fields.reason]).toEqual(["payment_provider_failed", "not_configured"]);
		}
	});
});
