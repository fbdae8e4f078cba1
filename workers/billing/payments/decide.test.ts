import { describe, expect, it } from "vitest";
import { periodStart } from "../../../shared/periods.ts";
import { days, hours } from "../../../shared/time.ts";
import { type Circumstances, decide } from "./decide.ts";
import { differencesOf, owedRefunds, setOff } from "./differences.ts";
import type { Attempt, Customer, PaidPeriod, Period, Subscription, VaultCard } from "./picture.ts";

const start = Date.UTC(2026, 10, 2, 12);
const month = (index: number) => periodStart(start, index);
const now = month(3) + 1 * days;
const lease = 900_000;

const contract = (contractId: string) => ({ contractId, contractVersion: 1 });
const priced = (name: string, priceMinor: number, currency = "EUR") => [`${name} 1`, { name, priceMinor, currency }] as const;
const catalogue = new Map([priced("ten", 1000), priced("four", 400), priced("free", 0), priced("dollars", 1000, "USD")]);

const plan = (more: Partial<Subscription> = {}): Subscription => ({
	startsAt: start,
	endsAt: null,
	version: 2,
	chargedVersion: 2,
	reopened: 0,
	phases: [{ from: start, lines: [contract("ten")] }],
	...more,
});
const card: VaultCard = {
	cardId: "crd_1",
	customerId: "cus_1",
	kekId: "k",
	wrappedKey: "w",
	sealedCard: "s",
	brand: "visa",
	last4: "4242",
};
const profile = {
	name: "Ada Example",
	street: null,
	postalCode: null,
	city: null,
	country: null,
	email: "ada@example.test",
	region: "london",
	language: "en" as const,
};
const customer = (more: Partial<Customer> = {}): Customer => ({
	profile,
	subscriptions: [plan()],
	card,
	paid: [],
	adjustmentsSeen: "",
	...more,
});
const period = (more: Partial<Period> = {}): Period => ({
	customerId: "cus_1",
	fromAt: month(3),
	toAt: month(4),
	startsAt: start,
	index: 3,
	state: "due",
	attemptAt: now - 1,
	lookAt: now,
	declines: 0,
	roundAt: null,
	failure: null,
	attempt: null,
	...more,
});
const attempt = (more: Partial<Attempt> = {}): Attempt => ({
	attemptId: "att_1",
	number: 1,
	state: "unknown",
	startedAt: now - 1 * hours,
	lookups: 1,
	totalMinor: 1,
	currency: "EUR",
	bill: null,
	card: null,
	...more,
});
/** A month of this plan that was paid with tax of a fifth. */
const paid = (index: number, netMinor = 1000, more: Partial<PaidPeriod> = {}): PaidPeriod => {
	const span = { from: month(index), to: month(index + 1) };
	const tax = { region: "london", basisPoints: 2000, amountMinor: netMinor / 5 };
	return {
		fromAt: span.from,
		toAt: span.to,
		startsAt: start,
		attemptId: `att_${index}`,
		bill: {
			lines: [{ kind: "contract", text: "", period: span, amountMinor: netMinor }],
			netMinor,
			tax,
			totalMinor: netMinor + tax.amountMinor,
			currency: "EUR",
			adjustments: [],
		},
		adjustedMinor: 0,
		refundedNetMinor: 0,
		refundedTaxMinor: 0,
		owedRefunds: 0,
		...more,
	};
};
const decided = (of: Partial<Period> = {}, who: Partial<Customer> = {}, more: Partial<Circumstances> = {}) =>
	decide(period(of), customer(who), { now, terms: { lease, taxRates: { london: 2000 } }, catalogue, adjusts: true, ...more });

/** Changed since it was charged. */
const changed = (more: Partial<Subscription> = {}) => plan({ version: 3, ...more });
const ended = (more: Partial<Subscription> = {}) => changed({ endsAt: month(2), ...more });

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

describe("differences", () => {
	const of = (periods: PaidPeriod[], subscription = changed()) => differencesOf(periods, [subscription], catalogue);

	it("are what a period should have cost less what it has, all told", () => {
		expect(of([paid(0), paid(1, 400), paid(2, 400, { adjustedMinor: 600 })])).toMatchObject([
			{ period: { from: month(1), to: month(2) }, amountMinor: 600, currency: "EUR" },
		]);
	});

	it("are counted by contracts alone: what an invoice had adjusted is another period's", () => {
		const one = paid(1, 1000);
		const lines = [...one.bill.lines, { kind: "adjustment" as const, text: "", period: { from: 0, to: 1 }, amountMinor: -300 }];
		expect(of([{ ...one, bill: { ...one.bill, lines, netMinor: 700 } }])).toEqual([]);
	});

	it("are all of it from the end of the plan on, and nothing where the plan, or that time of it, is not known", () => {
		expect(of([paid(1), paid(2)], ended())).toMatchObject([{ period: { from: month(2) }, amountMinor: -1000 }]);
		expect(of([paid(1)], changed({ startsAt: 5 }))).toEqual([]);
		expect(of([paid(1)], changed({ phases: [{ from: month(2), lines: [contract("ten")] }] }))).toEqual([]);
		expect(of([paid(1)], ended({ endsAt: start, phases: [{ from: month(2), lines: [] }] }))).toEqual([]);
	});

	it("are not made up for in another currency", () => {
		expect(of([paid(1, 400)], changed({ phases: [{ from: start, lines: [contract("dollars")] }] }))).toEqual([]);
	});

	it("are unknown while a contract is", () => {
		expect(of([paid(1)], changed({ phases: [{ from: start, lines: [contract("none")] }] }))).toBeUndefined();
	});
});

describe("what is owed", () => {
	const different = (one: PaidPeriod, amountMinor: number) => ({
		paid: one,
		amountMinor,
		currency: "EUR",
		period: { from: one.fromAt, to: one.toAt },
	});
	const owed = (amounts: readonly (readonly [PaidPeriod, number])[], all: PaidPeriod[]) =>
		owedRefunds(
			amounts.map(([one, amountMinor]) => different(one, amountMinor)),
			all,
		).map(({ attemptId, netMinor, taxMinor, number }) => [attemptId, netMinor, taxMinor, number]);

	it("is given back from its own charge first, then from the others, and never more than is left", () => {
		const [one, two] = [paid(1, 400), paid(2, 1000, { refundedNetMinor: 700, refundedTaxMinor: 140, owedRefunds: 1 })];
		expect(owed([[two, -500]], [one, two])).toEqual([
			["att_1", 200, 40, 1],
			["att_2", 300, 60, 2],
		]);
		expect(owed([[two, -5000]], [one, two])).toEqual([
			["att_1", 400, 80, 1],
			["att_2", 300, 60, 2],
		]);
		expect(
			owed(
				[
					[one, -300],
					[two, -300],
					[two, -300],
				],
				[one, two],
			),
		).toEqual([
			["att_1", 400, 80, 1],
			["att_2", 300, 60, 2],
		]);
	});

	it("is not what was paid too little", () => {
		expect(owed([[paid(1), 300]], [paid(1)])).toEqual([]);
	});

	it("is less what was paid too little for another period, in the same currency: both are made up for by the same refund", () => {
		const [one, two, three] = [paid(1, 400), paid(2), paid(3)];
		const differences = [
			{ ...different(one, 300), currency: "USD" },
			different(one, 300),
			different(two, -200),
			different(three, -500),
			different(two, 50),
		];
		expect(setOff(differences)).toEqual([300, 0, 0, -350, 0]);
		expect(owedRefunds(differences, [one, two, three])).toMatchObject([
			{
				attemptId: "att_3",
				netMinor: 350,
				adjustments: [
					{ fromAt: month(3), amountMinor: -500 },
					{ fromAt: month(1), amountMinor: 300 },
					{ fromAt: month(2), amountMinor: -150 },
				],
			},
		]);
		expect(owedRefunds([different(one, 300), different(two, -200)], [one, two])).toEqual([]);
	});

	it("is not given back from a charge in another currency", () => {
		const dollars = paid(1);
		const one = { ...dollars, bill: { ...dollars.bill, currency: "USD" } };
		expect(owed([[paid(2, 100), -500]], [one])).toEqual([]);
	});

	it("has the tax that it had, and the last part what rounding has left, never more than there is", () => {
		const one = paid(1, 1000, { refundedNetMinor: 500, refundedTaxMinor: 99 });
		expect(owed([[one, -500]], [one])).toEqual([["att_1", 500, 101, 1]]);
		expect(owed([[one, -250]], [one])).toEqual([["att_1", 250, 50, 1]]);
		const nearly = paid(1, 1000, { refundedNetMinor: 100, refundedTaxMinor: 199 });
		expect(owed([[nearly, -800]], [nearly])).toEqual([["att_1", 800, 1, 1]]);
	});
});
