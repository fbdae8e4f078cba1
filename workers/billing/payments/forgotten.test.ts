import { reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { hours, minutes } from "../../../shared/time.ts";
import { Bench, delay, start } from "./test-bench.ts";

/** A shard was put back to before a period failed: its customer was told of that, and billing does not know it any more. */

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

const due = start + delay;
/** The version of the failure that is forgotten, and who was told of it. */
async function givenForgotten() {
	const { id, contract } = await bench.givenPayer({ card: false });
	await bench.at(due + 5 * minutes);
	const [failed] = await bench.told();
	expect(failed).toMatchObject({ type: "PaymentFailed", subject: id, data: { reason: "no_card" } });
	const text = `update periods set attempt_at = ${due}, look_at = ${due}, failure = null, version = 0, run = null where from_at = ${start}`;
	await bench.billing00.prepare(text).run();
	bench.quanta.now = due + 3 * hours;
	return { id, contract, version: Number(failed?.version) };
}

it("is said to be paid after all, though nothing is known of the failure", async () => {
	const { id, version } = await givenForgotten();
	await bench.card(id);

	await bench.run();

	const told = await bench.told();
	expect(told.map(({ type }) => type)).toEqual(["PaymentRecovered", "PaymentRecorded"]);
	expect(told[0]).toMatchObject({ subject: id, data: { amountMinor: 1290, recoveredAt: bench.quanta.now } });
	expect(Number(told[0]?.version)).toBeGreaterThan(version);
});

it("is said to be settled when nothing is to be paid any more", async () => {
	const { id, version } = await givenForgotten();
	await bench.plan(id, [[start, await bench.givenContract(0)]]);

	await bench.run();

	const told = await bench.told();
	expect(told).toMatchObject([{ type: "PaymentRecovered", subject: id, data: { amountMinor: 0 } }]);
	expect(Number(told[0]?.version)).toBeGreaterThan(version);
});

it("is said to be settled when its plan was over before it", async () => {
	const { id, contract, version } = await givenForgotten();
	await bench.plan(id, [[start, contract]], { endsAt: start });

	await bench.run();

	const told = await bench.told();
	expect(told).toMatchObject([{ type: "PaymentRecovered", subject: id, data: { amountMinor: 0 } }]);
	expect(Number(told[0]?.version)).toBeGreaterThan(version);
});

it("is said to fail again while there is no card", async () => {
	const { id, version } = await givenForgotten();

	await bench.run();

	const told = await bench.told();
	expect(told).toMatchObject([{ type: "PaymentFailed", subject: id, data: { reason: "no_card" } }]);
	expect(Number(told[0]?.version)).toBeGreaterThan(version);
});
