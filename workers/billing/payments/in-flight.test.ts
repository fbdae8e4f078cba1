import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rowsOf } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { startCharges } from "./schedule.ts";
import { Bench, delay, hard, lease, nextMonth, softly, start } from "./test-bench.ts";
import { adjustmentsOf, fourth, givenPaid, third } from "./test-payers.ts";

/** What comes while a payment is under way, and would be forgotten by whoever looks at one period only. */

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

const owed = () => rowsOf(bench.billing00, "select net_minor, tax_minor from refunds where requested_by = 'billing'");
const due = nextMonth + delay;
/** Nobody hears what has become of a charge. */
const silent = (call: string) => {
	if (call === "findCharge") throw new Error("no answer");
};

it("what is paid after all, of a plan that turns out to have been over, is given back", async () => {
	const { id, contract } = await givenPaid(bench, [start]);
	bench.provider.script.push("lost after");
	await bench.at(due);
	await bench.plan(id, [[start, contract]], { endsAt: nextMonth });

	await bench.run();
	await bench.at(due + lease + 1);

	expect((await bench.periods(id)).map(({ state }) => state)).toEqual(["paid", "paid", "void"]);
	expect(await owed()).toEqual([{ net_minor: 1000, tax_minor: 0 }]);
});

it("what is paid after all, of a plan that cost less by then, is a credit on the next invoice", async () => {
	const { id, contract, small } = await givenPaid(bench, [start]);
	bench.provider.script.push("lost after");
	bench.provider.before = silent;
	await bench.at(due);
	await bench.plan(id, [
		[start, contract],
		[nextMonth, small],
	]);
	await bench.at(third + delay); // and still nobody knows what has become of it
	bench.provider.before = () => {};
	await bench.at(third + delay + 7 * hours);
	await bench.at(fourth + delay);

	expect(bench.provider.approved.map(({ amountMinor }) => amountMinor)).toEqual([1000, 1000, 400]);
	const [, , , last] = await bench.invoices();
	expect(last).toMatchObject({ totalMinor: 0, lines: [{ amountMinor: 400 }, { kind: "adjustment", amountMinor: -400 }] });
});

it("what is paid after all is a credit also when the next one was asked for before, and is paid later", async () => {
	const { id, contract, small } = await givenPaid(bench, [start]);
	bench.provider.script.push("lost after", "lost after");
	bench.provider.before = silent;
	await bench.at(due);
	await bench.plan(id, [
		[start, contract],
		[nextMonth, small],
	]);
	await bench.at(third + delay);
	const [, , last] = bench.provider.ledger.keys();
	bench.provider.before = (_, attemptId) => {
		if (attemptId === last) throw new Error("no answer");
	};
	const states = async () => (await bench.periods(id)).map(({ state }) => state);
	await bench.at(third + delay + 7 * hours);
	expect(await states()).toEqual(["paid", "paid", "due", "due"]);
	bench.provider.before = () => {};
	await bench.at(third + delay + 14 * hours);
	expect(await states()).toEqual(["paid", "paid", "paid", "due"]);
	await bench.at(fourth + delay);

	expect(bench.provider.approved.map(({ amountMinor }) => amountMinor)).toEqual([1000, 1000, 400]);
	expect((await bench.invoices()).at(-1)).toMatchObject({ totalMinor: 0, lines: [{ amountMinor: 400 }, { amountMinor: -400 }] });
});

it("what one period leaves of a credit is given back by the one after the plan, also when both are looked at together", async () => {
	const { id, small } = await givenPaid(bench, [start]);
	bench.provider.script.push(softly);
	await bench.at(due);
	bench.quanta.now = due + 3 * days;
	await bench.plan(id, [[start, small]], { endsAt: third });
	bench.quanta.take("charges");

	const periods = [nextMonth, third].map((fromAt) => ({ customerId: id, fromAt }));
	await bench.work([JSON.stringify({ periods })]);
	await bench.at(due + 3 * days + lease + 1);

	expect((await bench.periods(id)).map(({ state }) => state)).toEqual(["paid", "paid", "void"]);
	expect((await bench.invoices()).map(({ totalMinor }) => totalMinor)).toEqual([1000, 0]);
	expect(await owed()).toEqual([{ net_minor: 200, tax_minor: 0 }]);
});

it("what the staff give back in the same moment is not given back twice", async () => {
	const { id, contract } = await givenPaid(bench, [start]);
	await bench.at(due);
	await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
	bench.after(1, async () => {
		await bench.billing00
			.prepare(`insert into refunds (refund_id, customer_id, attempt_id, state, requested_at, requested_by, reason, net_minor,
				tax_minor, currency, request_digest)
				select 'rfd_by_staff', customer_id, attempt_id, 'due', 0, 'ada@example.test', '', 700, 0, 'EUR', ''
				from attempts where from_at = ?`)
			.bind(nextMonth)
			.run();
	});

	await bench.run();
	expect(await owed()).toEqual([]);
	await bench.at(due + lease + 1);

	const text = "select sum(net_minor + tax_minor) as given, count(*) as refunds from refunds group by attempt_id order by given";
	const rows = await rowsOf<{ given: number; refunds: number }>(bench.billing00, text);
	expect(rows.every(({ given }) => given <= 1000)).toBe(true);
	expect(rows.some(({ refunds }) => refunds === 2)).toBe(true);
});

it("a run that finds the attempt of another begins none, and takes nothing of what that adjusts", async () => {
	const { id, contract, small } = await givenPaid(bench, [start]);
	await bench.plan(id, [
		[start, small],
		[nextMonth, contract],
	]);
	bench.quanta.now = due;
	await startCharges(bench.ctx());
	const [message] = bench.quanta.take("charges");
	bench.after(1, () => bench.work([String(message)]));

	await bench.work([String(message)]);

	expect(bench.provider.approved.map(({ amountMinor }) => amountMinor)).toEqual([1000, 400]);
	expect(bench.quanta.logged("alarm")).toEqual([]);
});

describe("what is found to be paid of a plan that was over is given back", () => {
	const look = (customerId: string, fromAt: number) => bench.work([JSON.stringify({ periods: [{ customerId, fromAt }] })]);

	it("also when that is found while the period after it is looked at", async () => {
		const { id, contract } = await givenPaid(bench, [start]);
		bench.provider.script.push("lost after");
		bench.provider.before = silent;
		await bench.at(due);
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
		bench.provider.before = () => {};
		bench.quanta.now += lease + 1 * minutes;
		bench.after(1, () => look(id, nextMonth));

		await look(id, third);
		expect(await bench.attempts(id)).toEqual(["approved", "approved"]);
		for (const later of [1, 2]) await bench.at(bench.quanta.now + later * hours);

		expect((await bench.periods(id)).map(({ state }) => state)).toEqual(["paid", "paid", "void"]);
		expect(await owed()).toEqual([{ net_minor: 1000, tax_minor: 0 }]);
	});

	it("also when the period after it was void, and had nothing to give back, before", async () => {
		const { id, contract, large } = await givenPaid(bench, [start]);
		bench.provider.script.push(softly, "lost after");
		await bench.at(due);
		await bench.plan(id, [[start, contract]], { endsAt: third });
		await bench.run();
		bench.provider.before = silent;
		await bench.at(due + 3 * days);
		await bench.plan(id, [[start, large]], { endsAt: nextMonth });
		await bench.run();
		expect((await bench.periods(id)).map(({ state }) => state)).toEqual(["paid", "due", "void"]);

		bench.provider.before = () => {};
		for (const later of [7, 8, 9]) await bench.at(due + 3 * days + later * hours);

		expect(await owed()).toEqual([{ net_minor: 500, tax_minor: 0 }]); // set off against what the first month costs more
	});

	it("also when nothing says so but that the next plan had begun, and is paid", async () => {
		const { id, contract } = await givenPaid(bench, [start]);
		bench.provider.script.push("lost after");
		await bench.at(due);
		const [, unknown] = bench.provider.ledger.keys();
		bench.provider.before = (call, attemptId) => {
			if (attemptId === unknown) silent(call);
		};
		const begins = nextMonth - 10 * days;
		await bench.plan(id, [[begins, contract]], { startsAt: begins });
		await bench.at(due + 1 * hours);
		bench.provider.before = () => {};
		for (const later of [8, 9]) await bench.at(due + later * hours);
		await bench.at(third + delay);

		expect(await adjustmentsOf(bench)).toEqual([{ from_at: nextMonth, amount_minor: -1000 }]); // by the next plan's invoice
	});
});

it("what becomes the next plan's first period while it is charged is followed by that plan's second", async () => {
	const { id, small } = await givenPaid(bench, [start]);
	bench.provider.before = async (call) => {
		bench.provider.before = () => {};
		if (call === "charge") await bench.plan(id, [[nextMonth, small]]);
	};
	await bench.at(due);
	await bench.at(due + 1 * hours);
	await bench.at(third + delay);
	await bench.at(fourth + delay);

	expect((await bench.periods(id)).map(({ state }) => state)).toEqual(["paid", "paid", "paid", "paid", "due"]);
	expect(bench.provider.approved.map(({ amountMinor }) => amountMinor)).toEqual([1000, 1000, 200]);
});

it.each([
	["has ended", (id: string, contract: string) => bench.plan(id, [[start, contract]], { endsAt: nextMonth })],
	["the next one has taken over from", (id: string, contract: string) => bench.plan(id, [[nextMonth - 9 * days, contract]])],
])("what is declined for good, of a plan that %s meanwhile, is void, and its customer is told", async (_, happens) => {
	const { id, contract } = await givenPaid(bench, [start]);
	bench.provider.script.push(hard);
	bench.provider.before = async (call) => {
		bench.provider.before = () => {};
		if (call === "charge") await happens(id, contract);
	};
	await bench.at(due);
	await bench.told();

	for (const later of [1, 2]) await bench.at(due + later * hours);

	const period = (await bench.periods(id)).find(({ from_at }) => from_at === nextMonth);
	expect(period).toMatchObject({ state: "void", failure: null });
	expect((await bench.told()).map(({ type }) => type)).toContain("PaymentRecovered");
});
