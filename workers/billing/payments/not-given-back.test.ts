import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { givenRefund } from "../../../shared/testing/refunds.ts";
import { workRefunds } from "../refunds/work-refunds.ts";
import { Bench, delay, nextMonth, start } from "./test-bench.ts";
import { adjustmentsOf, amountsOf, fourth, givenPaid, refundsOf, third } from "./test-payers.ts";

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

/** Two months at 10.00 of which the staff want to give back the second; the provider has not said yet whether it does. */
async function givenAskedBack(): Promise<Awaited<ReturnType<typeof givenPaid>>> {
	const payer = await givenPaid(bench, [start, nextMonth]);
	const [, charge] = bench.provider.approved;
	const asked = { customerId: payer.id, attemptId: charge?.attemptId ?? "" };
	await givenRefund(bench.billing00 as D1Database, asked, { requested_by: "ada@squad.example", tax_minor: 0 });
	return payer;
}
async function refuse(): Promise<void> {
	Object.assign(bench.provider, { findRefund: async () => undefined, refund: async () => ({ outcome: "refused" }) });
	await workRefunds(bench.ctx());
}

describe("what the staff wanted to give back, and the provider refuses,", () => {
	it("is credited as far as it was paid too much, though that was found out before", async () => {
		const { id, contract, small } = await givenAskedBack();
		const phases = [
			[start, contract],
			[nextMonth, small],
		] as const;
		await bench.plan(id, phases);
		await bench.at(third + delay);

		await refuse();
		await bench.at(fourth + delay);

		expect(await adjustmentsOf(bench)).toEqual([{ from_at: nextMonth, amount_minor: -400 }]);
		expect(amountsOf(bench)).toEqual([1000, 1000, 400]);
	});

	it("is owed when the plan was over, and no invoice comes any more", async () => {
		const { id, contract } = await givenAskedBack();
		await bench.plan(id, [[start, contract]], { endsAt: nextMonth });
		await bench.at(third + delay);

		await refuse();
		await bench.run();

		expect(await refundsOf(bench)).toMatchObject([
			{ requested_by: "ada@squad.example", state: "failed" },
			{ requested_by: "billing", state: "due", net_minor: 1000 },
		]);
	});

	it("is not owed when nothing was paid too much", async () => {
		await givenAskedBack();

		await refuse();
		await bench.at(third + delay);

		expect(await adjustmentsOf(bench)).toEqual([]);
		expect(amountsOf(bench)).toEqual([1000, 1000, 1000]);
	});
});
