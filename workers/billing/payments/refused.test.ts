import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours } from "../../../shared/time.ts";
import { Bench, delay, nextMonth, softly, start, tooSmall } from "./test-bench.ts";
import { amountsOf, givenPaid, refundsOf, third } from "./test-payers.ts";

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

const alarms = () => bench.quanta.log.filter(({ level }) => level === "alarm");

describe("a charge that the provider refuses whatever the card", () => {
	it("is given up with an alarm and tried anew each day, under another id, until somebody has seen to it", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push(tooSmall, tooSmall);

		await bench.at(start + delay);
		for (const hour of [1, 12, 23]) await bench.at(start + delay + hour * hours);
		const refused = await bench.attempts(id);
		const told = await bench.told();
		await bench.at(start + delay + 1 * days);
		await bench.at(start + delay + 2 * days);

		expect(refused).toEqual(["given_up"]);
		expect(told).toEqual([]);
		expect(alarms()).toMatchObject([1, 2].map(() => ({ message: "charge_refused", customerId: id, reason: "amount_too_small" })));
		expect(await bench.attempts(id)).toEqual(["given_up", "given_up", "approved"]);
		expect((await bench.periods(id))[0]).toMatchObject({ state: "paid" });
		expect(await bench.invoices()).toHaveLength(1);
	});

	it("says nothing of the card: the round of its declines goes on", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push(softly, tooSmall, softly);

		for (const day of [0, 3, 4]) await bench.at(start + delay + day * days);

		expect((await bench.periods(id))[0]).toMatchObject({ state: "due", declines: 2, attempt_at: start + delay + 5 * days });
	});

	it("holds up no end of its plan: what it would have adjusted is given back", async () => {
		const { id, contract, small } = await givenPaid(bench, [start]);
		await bench.plan(id, [
			[start, small],
			[nextMonth, contract],
		]);
		bench.provider.script.push(tooSmall);
		await bench.at(nextMonth + delay);

		await bench.plan(id, [[start, small]], { endsAt: nextMonth });
		await bench.run();

		expect((await bench.periods(id)).map(({ state }) => state)).toEqual(["paid", "void", "due"]);
		expect(await refundsOf(bench)).toMatchObject([{ requested_by: "billing", net_minor: 600 }]);
	});
});

it("a credit leaves as much to pay as can be charged: the rest of it comes with the next invoice", async () => {
	const { id, contract } = await givenPaid(bench, [start]);
	await bench.plan(id, [
		[start, await bench.givenContract(20)],
		[nextMonth, contract],
	]);

	await bench.at(nextMonth + delay);
	await bench.at(third + delay);

	expect(amountsOf(bench)).toEqual([1000, 50, 970]);
});
