import { describe, expect, it } from "vitest";
import { attempt, card, changed, contract, decided, ended, lease, month, now, paid, plan, start } from "./test-pictures.ts";

describe("an attempt that is not settled", () => {
	it.each([
		["unknown", now, "look_up"],
		["started", now - lease, "look_up"],
		["started", now - lease + 1, "rest"],
	] as const)("(%s at %d) is %s, whatever else there is", (state, startedAt, kind) => {
		for (const more of [{}, { state: "paid" }, { state: "parked" }, { attemptAt: null }] as const) {
			expect(decided({ attempt: attempt({ state, startedAt }), ...more }, { subscriptions: [] })).toMatchObject({ kind });
		}
	});

	it("rests until whoever began it must be done", () => {
		const begun = attempt({ state: "started", startedAt: now - 1 });
		expect(decided({ attempt: begun })).toEqual({ kind: "rest", lookAt: now - 1 + lease });
	});
});

describe("a period", () => {
	it("that is paid rests, also when its plan is gone", () => {
		expect(decided({ state: "paid" }, { subscriptions: [ended()] })).toEqual({ kind: "rest", lookAt: null });
	});

	it.each(["approved", "declined_soft", "declined_hard", "given_up"] as const)(
		"is charged after an attempt that is %s",
		(state) => {
			expect(decided({ attempt: attempt({ state }) })).toMatchObject({ kind: "begin" });
		},
	);

	it.each([
		[{ state: "parked" }, null],
		[{ attemptAt: null }, null],
		[{ attemptAt: now + 1 }, now + 1],
	] as const)("%o rests", (of, lookAt) => {
		expect(decided(of)).toEqual({ kind: "rest", lookAt });
	});

	it("is charged from the very moment on, for what its plan says then, with tax", () => {
		const phases = [
			{ from: start, lines: [contract("four")] },
			{ from: month(3), lines: [contract("ten"), contract("four")] },
			{ from: month(3) + 1, lines: [contract("free")] },
		];
		expect(decided({ attemptAt: now }, { subscriptions: [plan({ phases })] })).toMatchObject({
			kind: "begin",
			bill: { netMinor: 1400, totalMinor: 1680, card: { brand: "visa", last4: "4242" }, settles: [] },
			card,
		});
	});

	it.each([
		["subscription_unknown", { subscriptions: [] }],
		["subscription_unknown", { subscriptions: [plan({ startsAt: start + 1 })] }],
		["customer_unknown", { profile: null }],
		["contract_not_replicated", { subscriptions: [plan({ phases: [{ from: start, lines: [contract("none")] }] })] }],
		["contract_not_replicated", { subscriptions: [plan({ phases: [{ from: month(4), lines: [contract("ten")] }] })] }],
	] as const)("is held: %s", (reason, who) => {
		expect(decided({}, who)).toEqual({ kind: "hold", reason });
	});

	it("is held while what an earlier one costs is not known", () => {
		const phases = [
			{ from: start, lines: [contract("none")] },
			{ from: month(3), lines: [contract("ten")] },
		];
		expect(decided({}, { subscriptions: [changed({ phases })], paid: [paid(2)] })).toEqual({
			kind: "hold",
			reason: "contract_not_replicated",
		});
	});

	it("waits without a card, but not for nothing", () => {
		expect(decided({}, { card: null })).toMatchObject({ kind: "wait", bill: { totalMinor: 1200 } });
		const free = plan({ phases: [{ from: start, lines: [contract("free")] }] });
		expect(decided({}, { card: null, subscriptions: [free] })).toMatchObject({ kind: "begin", card: null });
		expect(decided({}, { subscriptions: [free] })).toMatchObject({ kind: "begin", card: null, bill: { card: null } });
	});
});

describe("what is to be adjusted", () => {
	const cheaper = changed({
		phases: [
			{ from: start, lines: [contract("four")] },
			{ from: month(3), lines: [contract("ten")] },
		],
	});
	const settles = [{ startsAt: start, version: 3, reopened: 0 }];

	it("is on the next bill, which then has settled the plans", () => {
		expect(decided({}, { subscriptions: [cheaper], paid: [paid(2)] })).toMatchObject({
			kind: "begin",
			bill: { netMinor: 400, adjustments: [{ fromAt: month(2), amountMinor: -600 }], settles },
		});
	});

	it("is nobody's while another period takes it, and the plans are compared again", () => {
		const who = { subscriptions: [cheaper], paid: [paid(2)] };
		expect(decided({}, who, { adjusts: false })).toMatchObject({
			kind: "begin",
			bill: { netMinor: 1000, adjustments: [], settles: [] },
		});
	});

	it("and does not fit waits: the plans are compared again", () => {
		const who = { subscriptions: [cheaper], paid: [paid(1), paid(2)] };
		expect(decided({}, who)).toMatchObject({ kind: "begin", bill: { netMinor: 0, settles: [] } });
	});

	it("is not looked for when no plan has changed", () => {
		const unchanged = { ...cheaper, version: 2 };
		expect(decided({}, { subscriptions: [unchanged], paid: [paid(2)] })).toMatchObject({
			bill: { adjustments: [], settles: [] },
		});
	});
});

describe("a plan that is over", () => {
	it("from the very beginning of a period on ends it; until then it is charged", () => {
		expect(decided({}, { subscriptions: [plan({ endsAt: month(3) })] })).toMatchObject({ kind: "end" });
		expect(decided({}, { subscriptions: [plan({ endsAt: month(3) + 1 })] })).toMatchObject({ kind: "begin" });
	});

	it.each(["due", "parked", "void"] as const)("gives back what was paid too long, when its period is %s", (state) => {
		const decision = decided({ state, attemptAt: null }, { subscriptions: [ended()], paid: [paid(1), paid(2)] });
		expect(decision).toMatchObject({
			kind: "end",
			currency: "EUR",
			refunds: [{ attemptId: "att_2", number: 1, netMinor: 1000, taxMinor: 200 }],
			settles: [{ startsAt: start, version: 3, reopened: 0 }],
		});
	});

	it("leaves what was paid too little to an invoice that may come", () => {
		const subscriptions = [ended({ phases: [{ from: start, lines: [contract("ten")] }] })];
		expect(decided({}, { subscriptions, paid: [paid(1, 400)] })).toMatchObject({ kind: "end", refunds: [], settles: [] });
		expect(decided({ state: "void", attemptAt: null }, { subscriptions, paid: [paid(1, 400)] })).toMatchObject({ kind: "rest" });
		expect(decided({ state: "void", attemptAt: null }, { subscriptions, paid: [paid(1, 400), paid(2)] })).toMatchObject({
			kind: "end",
			refunds: [{ netMinor: 400 }],
			settles: [{ startsAt: start, version: 3, reopened: 0 }],
		});
	});

	it("gives back in one currency what it cannot set off against what was paid too little in another", () => {
		const euros = changed({ startsAt: 0, endsAt: start, phases: [{ from: 0, lines: [contract("ten")] }] });
		const dollars = ended({ phases: [{ from: start, lines: [contract("dollars")] }] });
		const much = paid(0, 1500, { startsAt: 0, fromAt: 1 });
		const little = paid(1, 400);
		const who = { subscriptions: [euros, dollars], paid: [much, { ...little, bill: { ...little.bill, currency: "USD" } }] };
		expect(decided({ state: "void", attemptAt: null }, who)).toMatchObject({
			kind: "end",
			refunds: [{ netMinor: 500, currency: "EUR" }],
			settles: [],
		});
	});

	it("rests when it is void and nothing has changed", () => {
		expect(decided({ state: "void" }, { subscriptions: [plan({ endsAt: month(2) })] })).toEqual({ kind: "rest", lookAt: null });
	});

	it("waits while another period takes what is to be given back: it is looked at again", () => {
		const who = { subscriptions: [ended()], paid: [paid(2)] };
		expect(decided({}, who, { adjusts: false })).toMatchObject({ kind: "later" });
	});

	it("is held while it is not known what it cost", () => {
		const phases = [{ from: start, lines: [contract("none")] }];
		expect(decided({}, { subscriptions: [plan({ endsAt: month(2), phases })] })).toMatchObject({ kind: "hold" });
	});
});
