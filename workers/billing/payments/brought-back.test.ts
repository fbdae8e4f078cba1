import { reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours } from "../../../shared/time.ts";
import { retryPeriod } from "./retry-period.ts";
import { Bench, delay, nextMonth, type Script, softly, start } from "./test-bench.ts";
import { refundsOf } from "./test-payers.ts";

/** A shard was put back to after the first decline of a period that was paid by a later attempt, and its invoice came back. */

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

async function givenPutBack(...later: Script[]): Promise<string> {
	const { id } = await bench.givenPayer();
	bench.provider.script.push(softly, ...later);
	for (const day of [0, 3, 5, 7]) await bench.at(start + delay + day * days);
	await bench.told();
	for (const text of [
		"update periods set state = 'due', attempt_at = 0, look_at = 0, declines = 1, failure = 'insufficient_funds', version = 1, attempt_id = (select attempt_id from attempts where number = 1) where state <> 'due' or attempt_id is not null",
		"delete from attempts where number > 1",
		"update invoices set run = 'after-a-restore'",
	]) {
		await bench.billing00.prepare(text).run();
	}
	return id;
}
const charged = () => [...bench.provider.ledger.values()].map(({ outcome }) => outcome.outcome);

it("is not charged again: its attempts are gone through until the one that was paid, and nobody is told of a failure", async () => {
	const id = await givenPutBack(softly);
	const before = [charged(), await bench.invoices()];

	for (const hour of [1, 2, 3]) await bench.at(start + delay + 7 * days + hour * hours);

	expect(await bench.attempts(id)).toEqual(["declined_soft", "given_up", "approved"]);
	expect((await bench.periods(id))[0]).toMatchObject({ state: "paid", failure: null });
	expect([charged(), await bench.invoices()]).toEqual(before);
	expect((await bench.told()).map(({ type }) => type)).toEqual(["PaymentRecovered", "PaymentRecorded"]);
});

it("is not charged by an attempt of which the provider has never heard, and needs no card", async () => {
	const id = await givenPutBack(softly);
	const [, second = ""] = bench.provider.ledger.keys();
	bench.provider.ledger.delete(second);
	await bench.billing00.prepare("update cards set state = 'removed'").run();
	const before = charged();

	for (const hour of [1, 2, 3, 4]) await bench.at(start + delay + 7 * days + hour * hours);

	expect((await bench.periods(id))[0]).toMatchObject({ state: "paid" });
	expect(charged()).toEqual(before);
});

it("is left to the staff when the provider does not know the charge", async () => {
	const id = await givenPutBack(softly);
	bench.provider.ledger.clear();

	for (let hour = 1; hour <= 45; hour++) await bench.at(start + delay + 7 * days + hour * hours);

	expect(charged()).toEqual([]);
	expect(await bench.attempts(id)).toEqual(["declined_soft", "given_up", "given_up"]);
	expect(bench.quanta.logged("alarm")).toContain("charge_not_found");
});

it("is paid without being asked for when the invoice that came back was of nothing to pay, and has no other one", async () => {
	const id = await givenPutBack(softly);
	const text = "update invoices set total_minor = 0, document = json_set(document, '$.netMinor', 0, '$.totalMinor', 0)";
	await bench.billing00.prepare(text).run();
	const before = [bench.provider.calls.length, await bench.invoices()];

	for (const hour of [1, 2, 3]) await bench.at(start + delay + 7 * days + hour * hours);

	expect([bench.provider.calls.length, await bench.invoices()]).toEqual(before);
	expect(await bench.attempts(id)).toEqual(["declined_soft", "given_up", "approved"]);
});

it.each([
	["less", 700, [1290, 110]],
	["nothing", 0, [1290]],
	["more", 1300, [1290, 1310]],
])("and costs %s by now is what its invoice says, and the next one makes up for it", async (_, price, charges) => {
	const id = await givenPutBack();
	await bench.plan(id, [[start, await bench.givenContract(price)]]);

	for (const hour of [1, 2]) await bench.at(start + delay + 7 * days + hour * hours);
	await bench.at(nextMonth + delay);

	expect(bench.quanta.logged("alarm")).toEqual([]);
	expect(bench.provider.approved.map(({ amountMinor }) => amountMinor)).toEqual(charges);
});

it("and of which the provider says another amount is charged again once the staff have given that back", async () => {
	const id = await givenPutBack();
	for (const [attemptId, entry] of bench.provider.ledger) {
		const { outcome } = entry;
		if (outcome.outcome === "approved")
			bench.provider.ledger.set(attemptId, { ...entry, outcome: { ...outcome, amountMinor: 999 } });
	}
	await bench.at(start + delay + 7 * days + 1 * hours);
	const alarms = bench.quanta.logged("alarm");

	const actor = { email: "ada@squad.example", role: "helpdesk" } as const;
	await retryPeriod({ ctx: bench.ctx(), input: { actor, customerId: id, fromAt: start } });
	await bench.run();

	expect(alarms).toEqual(["charged_otherwise"]);
	expect(await bench.attempts(id)).toEqual(["declined_soft", "given_up", "approved"]);
	expect((await bench.invoices()).map(({ totalMinor }) => totalMinor)).toEqual([1290, 1290]);
});

it("and was over by then, as it turns out, is looked for all the same, and what was paid is given back", async () => {
	const id = await givenPutBack(softly);
	await bench.plan(id, [[start, await bench.givenContract()]], { endsAt: start });

	for (const hour of [1, 2, 3, 4]) await bench.at(start + delay + 7 * days + hour * hours);

	expect((await bench.periods(id)).map(({ state }) => state)).toEqual(["paid", "void"]);
	expect(await refundsOf(bench)).toMatchObject([{ requested_by: "billing", net_minor: 1290 }]);
});
