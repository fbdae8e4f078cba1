import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { idOf } from "../../../shared/ids.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { Bench, delay, hard, lease, nextMonth, softly, start } from "./test-bench.ts";
import { adjustmentsOf, amountsOf, fourth, givenPaid, refundsOf, third } from "./test-payers.ts";

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

describe("a plan that is over", () => {
	it("gives back what was being charged when that was heard", async () => {
		const { id, contract } = await givenPaid(bench, [start]);
		bench.provider.before = async (call) => {
			if (call !== "charge") return;
			bench.provider.before = () => {};
			await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
			await bench.run(); // the period after this one is void by now
		};

		await bench.at(nextMonth + delay);
		await bench.at(nextMonth + delay + 1 * hours);

		const owed = bench.billing00.prepare("select sum(net_minor) as net from refunds where customer_id = ?").bind(id);
		expect((await owed.all()).results).toEqual([{ net: 1000 }]);
	});

	it("is not charged, and has no further period", async () => {
		const { id, contract } = await givenPaid(bench, [start]);
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });

		await bench.at(nextMonth + delay);
		await bench.at(third + delay);

		expect(amountsOf(bench)).toEqual([1000]);
		expect(await bench.periods(id)).toMatchObject([{ state: "paid" }, { state: "void", look_at: null }]);
		expect(await refundsOf(bench)).toEqual([]);
	});

	it("and was paid too long, as it turns out, is given back from those very charges, once", async () => {
		const { id, contract } = await givenPaid(bench, [start, nextMonth, third], "london");
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });

		await bench.at(third + delay + 1 * hours);
		await bench.at(fourth + delay);
		await bench.at(fourth + delay + 1 * hours);

		const owed = { state: "due", requested_by: "billing", net_minor: 1000, tax_minor: 200 };
		const ofMonths = await rowsOf(
			bench.billing00,
			"select a.from_at, a.total_minor from refunds as r join attempts as a using (attempt_id) order by a.from_at",
		);
		expect(await refundsOf(bench)).toMatchObject([owed, owed]);
		expect(ofMonths).toEqual([
			{ from_at: nextMonth, total_minor: 1200 },
			{ from_at: third, total_minor: 1200 },
		]);
		expect(await adjustmentsOf(bench)).toEqual([
			{ from_at: nextMonth, amount_minor: -1000 },
			{ from_at: third, amount_minor: -1000 },
		]);
	});

	it("gives back no more than is left of what was charged, and what a credit has lowered from the others", async () => {
		const { id, contract, small } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [
			[start, small],
			[nextMonth, contract],
		]);
		await bench.at(third + delay); // 10.00 less 6.00
		await bench.plan(id, [[start, small]], { endsAt: nextMonth });

		await bench.at(fourth + delay);

		expect(amountsOf(bench)).toEqual([1000, 1000, 400]);
		const given = (await refundsOf(bench)).reduce((sum, row) => sum + Number(row["net_minor"]), 0);
		expect(given).toBe(2400 - 400);
		const over = `select 1 from attempts as a where total_minor < (
			select sum(net_minor + tax_minor) from refunds where refunds.attempt_id = a.attempt_id)`;
		expect(await rowsOf(bench.billing00, over)).toEqual([]);
	});

	it("does not give back again what the staff has", async () => {
		const { id, contract } = await givenPaid(bench, [start, nextMonth]);
		const text = `insert into refunds (refund_id, customer_id, attempt_id, state, requested_at, requested_by, reason, net_minor,
			tax_minor, currency, request_digest) select 'rfd_staff', customer_id, attempt_id, 'refunded', 0, 'ada', '', 700, 0, 'EUR', ''
			from attempts where from_at = ?`;
		await bench.billing00.prepare(text).bind(nextMonth).run();
		await bench.billing00.prepare("update attempts set bill = json_set(bill, '$.netMinor', 1000)").run();
		await bench.plan(id, [[start, contract]], { endsAt: start });

		await bench.at(third + delay);

		const total = (await refundsOf(bench)).map(({ net_minor }) => Number(net_minor)).toSorted((a, b) => a - b);
		expect(total.reduce((sum, part) => sum + part, 0)).toBe(2000);
	});

	it("is settled by what the staff have given back: no later invoice credits it again", async () => {
		const { id, contract, large } = await givenPaid(bench, [start, nextMonth]);
		const text = `insert into refunds (refund_id, customer_id, attempt_id, state, requested_at, requested_by, reason, net_minor,
			tax_minor, currency, request_digest) select 'rfd_of_' || from_at, customer_id, attempt_id, 'refunded', 0, 'ada', '', 1000, 0,
			'EUR', '' from attempts`;
		await bench.billing00.prepare(text).run();
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
		await bench.at(third + delay);
		await bench.plan(id, [[fourth, large]], { startsAt: fourth });

		await bench.at(fourth + delay);

		expect(await adjustmentsOf(bench)).toEqual([]);
		expect(amountsOf(bench)).toEqual([1000, 1000, 1500]);
	});

	it("gives back all of it when what the staff gave back has failed, under an id that is made of the charge alone", async () => {
		const { id, contract } = await givenPaid(bench, [start], "london");
		const text = `insert into refunds (refund_id, customer_id, attempt_id, state, requested_at, requested_by, reason, net_minor,
			tax_minor, currency, request_digest) select 'rfd_staff', customer_id, attempt_id, 'failed', 0, 'ada', '', 700, 5, 'EUR', ''
			from attempts`;
		await bench.billing00.prepare(text).run();
		await bench.plan(id, [[start, contract]], { endsAt: start });

		await bench.at(nextMonth + delay);

		const [owed] = await rowsOf(bench.billing00, "select * from refunds where requested_by = 'billing'");
		const refundId = idOf("rfd", "00", await bench.ctx().digest(`${owed?.["attempt_id"]} 1`));
		expect(owed).toMatchObject({ refund_id: refundId, net_minor: 1000, tax_minor: 200 });
	});

	it("gives back the rest of the same charge when it turns out to have been over even earlier", async () => {
		const { id, contract, small } = await givenPaid(bench, [start, nextMonth]);
		const phases = [
			[start, contract],
			[nextMonth, small],
		] as const;
		await bench.plan(id, phases, { endsAt: third });
		await bench.at(third + delay);
		await bench.plan(id, phases, { endsAt: nextMonth });

		await bench.at(third + delay + 1 * hours);

		expect(await refundsOf(bench)).toMatchObject([{ net_minor: 600 }, { net_minor: 400 }]);
	});

	it("gives nothing back for a period that was never paid", async () => {
		const { id, contract } = await givenPaid(bench, [start]);
		bench.provider.script.push(hard);
		await bench.at(nextMonth + delay);
		await bench.told();
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });

		await bench.run();
		const states = (await bench.periods(id)).map(({ state }) => state);
		await bench.plan(id, [[start, contract]], { endsAt: start });
		await bench.run();

		expect(states.slice(0, 2)).toEqual(["paid", "void"]);
		expect((await bench.told()).map(({ type }) => type)).toEqual(["PaymentRecovered"]);
		expect(await refundsOf(bench)).toMatchObject([{ net_minor: 1000 }]);
	});

	it("leaves what was paid too little to the next plan's first invoice", async () => {
		const { id, contract, large } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [[start, large]], { endsAt: third });
		await bench.at(third + delay);
		expect((await bench.periods(id))[2]).toMatchObject({ state: "void" });
		await bench.plan(id, [[fourth, contract]], { startsAt: fourth });

		await bench.at(fourth + delay);

		expect(await refundsOf(bench)).toEqual([]);
		expect(amountsOf(bench)).toEqual([1000, 1000, 2000]);
		expect(await adjustmentsOf(bench)).toMatchObject([{ amount_minor: 500 }, { amount_minor: 500 }]);
	});

	it("leaves what was paid too little to a period of it that is declined and tried again", async () => {
		const { id, large } = await givenPaid(bench, [start]);
		bench.provider.script.push(softly);
		await bench.at(nextMonth + delay);
		await bench.plan(id, [[start, large]], { endsAt: third });
		await bench.run();
		expect((await bench.periods(id)).map(({ state }) => state)).toEqual(["paid", "due", "void"]);

		await bench.at(nextMonth + delay + 3 * days);

		expect(amountsOf(bench)).toEqual([1000, 2000]);
	});

	it("sets what was paid too little for one period off against what is given back of another", async () => {
		const { id, large } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [[start, large]], { endsAt: nextMonth });

		await bench.at(third + delay);
		await bench.at(fourth + delay);

		expect(await refundsOf(bench)).toMatchObject([{ net_minor: 500 }]);
		expect(await adjustmentsOf(bench)).toEqual([
			{ from_at: start, amount_minor: 500 },
			{ from_at: nextMonth, amount_minor: -1000 },
		]);
	});

	it("and is heard of after its last period was void is looked at once more", async () => {
		const { id, contract } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [[start, contract]], { endsAt: third });
		await bench.at(third + delay);
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });

		await bench.run();

		expect(await refundsOf(bench)).toMatchObject([{ net_minor: 1000 }]);
	});

	it("while a period waits for a card: nothing is owed any more, and the customer is told", async () => {
		const { id, contract } = await bench.givenPayer({ card: false });
		await bench.at(start + delay);
		await bench.told();
		await bench.plan(id, [[start, contract]], { endsAt: start });

		await bench.run();

		expect((await bench.periods(id))[0]).toMatchObject({ state: "void", failure: null });
		expect((await bench.told()).map(({ type, data }) => [type, data["amountMinor"]])).toEqual([["PaymentRecovered", 0]]);
	});

	it("and goes on after all, heard of late, is charged for what was void", async () => {
		const { id, contract } = await givenPaid(bench, [start]);
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
		await bench.at(nextMonth + delay);
		await bench.plan(id, [[start, contract]]);

		await bench.run();
		await bench.at(third + delay);

		expect(amountsOf(bench)).toEqual([1000, 1000, 1000]);
	});

	it("and goes on after all has forgotten the declines of before", async () => {
		const { id, contract } = await givenPaid(bench, [start]);
		bench.provider.script.push(softly, softly, softly, softly, softly);
		for (const day of [0, 3, 5, 7]) await bench.at(nextMonth + delay + day * days);
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
		await bench.run();
		await bench.plan(id, [[start, contract]]);

		await bench.run();

		const period = (await bench.periods(id)).find(({ from_at }) => from_at === nextMonth);
		expect(period).toMatchObject({ state: "due", declines: 1, attempt_at: bench.quanta.now + 3 * days });
	});

	it("goes on while the run that finds it over is at work: what it found is not written", async () => {
		const { id, contract } = await givenPaid(bench, [start]);
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
		bench.quanta.now = nextMonth + delay;
		const resumed = await bench.message(
			"PlanChanged",
			id,
			{ startsAt: start, endsAt: null, phases: [{ from: start, lines: [{ contractId: contract, contractVersion: 1 }] }] },
			bench.quanta.now + 99,
		);
		bench.after(1, () => bench.hand(resumed));

		await bench.at(nextMonth + delay);
		await bench.at(nextMonth + delay + lease);

		expect(amountsOf(bench)).toEqual([1000, 1000]);
	});

	it("since the next one began is charged for no period of that", async () => {
		const { id, small } = await givenPaid(bench, [start]);
		await bench.plan(id, [[nextMonth + 1 * days, small]], { startsAt: nextMonth + 1 * days });

		await bench.at(nextMonth + 1 * days + delay);
		await bench.at(third + 1 * days + delay);

		expect(amountsOf(bench).toSorted()).toEqual([1000, 1000, 400, 400].toSorted());
	});

	it("at the very moment at which the next one begins leaves that its period", async () => {
		const { id, small } = await givenPaid(bench, [start]);
		await bench.plan(id, [[nextMonth, small]], { startsAt: nextMonth });

		await bench.at(nextMonth + delay);
		await bench.at(third + delay);

		expect(amountsOf(bench)).toEqual([1000, 400, 400]);
	});

	it("at that moment leaves it none of the declines of before", async () => {
		const { id, contract, small } = await givenPaid(bench, [start]);
		bench.provider.script.push(softly, softly, softly, softly, softly);
		for (const day of [0, 3, 5, 7]) await bench.at(nextMonth + delay + day * days);
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
		await bench.plan(id, [[nextMonth, small]], { startsAt: nextMonth });

		await bench.run();

		const period = (await bench.periods(id)).find(({ from_at }) => from_at === nextMonth);
		expect(period).toMatchObject({ state: "due", declines: 1, attempt_at: bench.quanta.now + 3 * days });
	});

	it("at that moment, and had been charged for it: the next one's first month is adjusted, and its second charged", async () => {
		const { id, small } = await givenPaid(bench, [start, nextMonth]);
		await bench.plan(id, [[nextMonth, small]], { startsAt: nextMonth });

		await bench.at(nextMonth + delay + 1 * minutes);
		await bench.at(third + delay);
		await bench.at(fourth + delay);

		expect(amountsOf(bench)).toEqual([1000, 1000, 200]);
	});
});
