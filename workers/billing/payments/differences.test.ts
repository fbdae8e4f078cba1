import { describe, expect, it } from "vitest";
import { differencesOf, owedRefunds, setOff } from "./differences.ts";
import type { PaidPeriod } from "./picture.ts";
import { catalogue, changed, contract, ended, month, paid, start } from "./test-pictures.ts";

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

	it("are no more than what the staff have left of it", () => {
		const cheaper = changed({ phases: [{ from: start, lines: [contract("four")] }] });
		const left = (staffRefundedMinor: number, more: Partial<PaidPeriod> = {}) =>
			of([paid(1, 1000, { staffRefundedMinor, ...more })], cheaper)?.map(({ amountMinor }) => amountMinor);
		expect(left(300)).toEqual([-600]);
		expect(left(700)).toEqual([-300]);
		expect(left(1000)).toEqual([]);
		expect(left(1100)).toEqual([]);
		expect(left(700, { adjustedMinor: -200 })).toEqual([-100]);
		expect(of([paid(1, 100, { staffRefundedMinor: 100 })], cheaper)).toMatchObject([{ amountMinor: 300 }]);
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
