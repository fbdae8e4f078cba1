import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { periodStart } from "../../../shared/periods.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours } from "../../../shared/time.ts";
import { Bench, delay, hard, lease, nextMonth, softly, start } from "./test-bench.ts";
import { adjustmentsOf, amountsOf, fourth, givenPaid, third } from "./test-payers.ts";

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

describe("a change that came late", () => {
	it("to less is a credit on the next invoice, and on no other", async () => {
		const { id, contract, small } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [
			[start, contract],
			[nextMonth, small],
		]);

		await bench.at(third + delay);
		await bench.at(fourth + delay);

		expect(amountsOf(bench)).toEqual([1000, 1000, 200]);
		expect((await bench.invoices()).map(({ lines }) => lines.map(({ kind, amountMinor }) => [kind, amountMinor]))).toEqual([
			[["contract", 1000]],
			[["contract", 1000]],
			[
				["contract", 400],
				["adjustment", -400],
			],
			[
				["contract", 400],
				["adjustment", -200],
			],
		]);
		expect(await adjustmentsOf(bench)).toEqual([
			{ from_at: nextMonth, amount_minor: -400 },
			{ from_at: nextMonth, amount_minor: -200 },
		]);
		expect(await rowsOf(bench.billing00, "select 1 from subscriptions where charged_version = version")).toHaveLength(1);
	});

	it("to more is an extra line", async () => {
		const { id, contract, large } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [
			[start, contract],
			[nextMonth, large],
		]);

		await bench.at(third + delay);
		await bench.at(fourth + delay);

		expect(amountsOf(bench)).toEqual([1000, 1000, 2000, 1500]);
	});

	it("is credited once, also when the attempt with it is declined before it is approved", async () => {
		const { id, contract, small } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [
			[start, contract],
			[nextMonth, small],
			[third, contract],
		]);
		bench.provider.script.push(softly);

		await bench.at(third + delay);
		const afterDecline = await adjustmentsOf(bench);
		await bench.at(third + delay + 3 * days);
		await bench.at(fourth + delay);

		expect(afterDecline).toEqual([]);
		expect(amountsOf(bench)).toEqual([1000, 1000, 400, 1000]);
		expect(await adjustmentsOf(bench)).toEqual([{ from_at: nextMonth, amount_minor: -600 }]);
	});

	it("is credited once when two periods are due at once, by one run or by two", async () => {
		const { id, contract, small } = await givenPaid(bench, [start, nextMonth]);
		bench.provider.script.push(hard);
		await bench.at(third + delay);
		await bench.plan(id, [
			[start, contract],
			[nextMonth, small],
			[third, contract],
		]);
		bench.quanta.now = fourth + delay;
		await bench.card(id, "4000000000000002");

		await bench.run();
		await bench.run();

		expect(amountsOf(bench).toSorted()).toEqual([1000, 1000, 1000, 400].toSorted());
	});

	it("stays reserved while it is not known what became of the attempt, and is found again when that is given up", async () => {
		const { id, contract, small } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [
			[start, contract],
			[nextMonth, small],
			[third, contract],
		]);
		bench.provider.script.push("lost before");
		bench.provider.before = (call) => {
			if (call === "findCharge") throw new Error("away");
		};
		await bench.at(third + delay);
		const reserved = await adjustmentsOf(bench);
		await bench.at(fourth + delay);
		bench.provider.before = () => {};
		await bench.at(fourth + delay + 7 * hours);
		await bench.run();

		expect(reserved).toEqual([{ from_at: nextMonth, amount_minor: -600 }]);
		expect(amountsOf(bench)).toEqual([1000, 1000, 1000, 400]);
		expect(await adjustmentsOf(bench)).toEqual(reserved);
	});

	it("to what was paid more than 13 months ago adjusts nothing any more", async () => {
		const month = (index: number) => periodStart(start, index);
		const { id, contract, small } = await givenPaid(
			bench,
			Array.from({ length: 15 }, (_, index) => month(index)),
		);
		await bench.plan(id, [
			[start, contract],
			[month(2), small],
			[month(4), contract],
		]);

		await bench.at(month(15) + delay);

		expect(await adjustmentsOf(bench)).toEqual([{ from_at: month(3), amount_minor: -600 }]);
	});

	it("changes nothing of when the next period is looked at", async () => {
		const { id, large } = await givenPaid(bench, [start]);
		await bench.plan(id, [[start, large]]);

		expect((await bench.periods(id))[1]).toMatchObject({ look_at: nextMonth + delay });
	});

	it("is not reserved by two runs: the one whose picture is old begins nothing", async () => {
		const { id, contract, small } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [
			[start, contract],
			[nextMonth, small],
			[third, contract],
		]);
		const seen = "insert into adjustments values ('att_of_another_run', ?, ?, -600)";
		bench.after(1, () => bench.billing00.prepare(seen).bind(id, nextMonth).run());

		await bench.at(third + delay);
		const none = bench.provider.approved.length;
		await bench.at(third + delay + lease);

		expect(none).toBe(2);
		expect(amountsOf(bench)).toEqual([1000, 1000, 1000]);
	});
});

it("events that come twice, late and in any order leave one first period", async () => {
	const id = await bench.givenCustomer();
	await bench.card(id);
	const contract = await bench.givenContract(1000);
	const data = {
		startsAt: start,
		endsAt: null,
		phases: [{ from: start, lines: [{ contractId: contract, contractVersion: 1 }] }],
	};
	const [older, newer] = [await bench.message("PlanChanged", id, data, 5), await bench.message("PlanChanged", id, data, 6)];

	await bench.hand(newer, newer);
	await bench.hand(older);
	await bench.at(start + delay);
	await bench.hand(newer, older);
	await bench.at(start + delay + 1 * hours);

	expect(amountsOf(bench)).toEqual([1000]);
	expect(await bench.periods(id)).toHaveLength(2);
});
