import { reset } from "cloudflare:test";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Invoice } from "../../../shared/events/billing.ts";
import { somePan } from "../../../shared/testing/cards.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { Bench, delay, hard, lease, nextMonth, softly, start } from "./test-bench.ts";

const otherVisa = "4000000000000002";

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

describe("a period", () => {
	it("is charged when its delay is over and not before, once, and an invoice goes out", async () => {
		const { id } = await bench.givenPayer({ region: "london" });

		await bench.at(start + delay - 1);
		expect(bench.provider.calls).not.toContain("charge");
		await bench.at(start + delay);
		await bench.at(start + delay + 1 * hours);

		expect(bench.provider.approved).toEqual([
			expect.objectContaining({ customerId: id, amountMinor: 1548, currency: "EUR", startedAt: start + delay }),
		]);
		const [invoice, ...others] = await bench.invoices();
		expect(others).toEqual([]);
		expect(v.parse(Invoice, invoice)).toMatchObject({
			number: "INV-00-000001",
			period: { from: start, to: nextMonth },
			totalMinor: 1548,
			tax: { region: "london", basisPoints: 2000, amountMinor: 258 },
			buyer: { email: "ada@example.test" },
			card: { brand: "visa", last4: somePan.visa.slice(-4) },
		});
		expect(bench.ensured).toHaveLength(1);
		expect(await bench.told()).toEqual([
			expect.objectContaining({
				type: "PaymentRecorded",
				subject: undefined,
				data: expect.objectContaining({ outcome: "approved", amountMinor: 1548 }),
			}),
		]);
		expect(await bench.periods(id)).toMatchObject([
			{ from_at: start, state: "paid", attempt_at: null, look_at: null },
			{ from_at: nextMonth, state: "due", attempt_at: nextMonth + delay, look_at: nextMonth + delay },
		]);
	});

	it("follows the one before, month by month, in each shard with its own numbers", async () => {
		const [{ id: ada }, { id: grace }] = [await bench.givenPayer(), await bench.givenPayer({ shard: "01" })];

		for (const month of [start, nextMonth, Date.UTC(2027, 0, 2, 12)]) await bench.at(month + delay);

		expect(await bench.attempts(ada)).toEqual(["approved", "approved", "approved"]);
		expect(await bench.attempts(grace)).toEqual(["approved", "approved", "approved"]);
		expect((await bench.invoices("00")).map(({ number }) => number)).toEqual(["INV-00-000001", "INV-00-000002", "INV-00-000003"]);
		expect((await bench.invoices("01")).map(({ number }) => number)).toEqual(["INV-01-000001", "INV-01-000002", "INV-01-000003"]);
	});

	it("costs what was signed then, whatever the contract costs by now, and a change counts from its phase on", async () => {
		const id = await bench.givenCustomer();
		await bench.card(id);
		const contract = await bench.givenContract(1000);
		const other = await bench.givenContract(250);
		await bench.plan(id, [[start, contract]]);
		await bench.givenContract(9999, { id: contract, version: 2 });
		await bench.plan(id, [
			[start, contract],
			[nextMonth, contract, other],
		]);

		await bench.at(start + delay);
		await bench.at(nextMonth + delay);

		expect(bench.provider.approved.map(({ amountMinor }) => amountMinor)).toEqual([1000, 1250]);
	});

	it("that costs nothing needs neither card nor provider, and has an invoice", async () => {
		const { id } = await bench.givenPayer({ price: 0, card: false });

		await bench.at(start + delay);

		expect(bench.provider.calls).toEqual([]);
		expect(await bench.attempts(id)).toEqual(["approved"]);
		expect(await bench.invoices()).toMatchObject([{ totalMinor: 0, card: null }]);
		expect(await bench.told()).toEqual([]);
	});

	it("waits for a card: its customer is told once, and charged when one is verified", async () => {
		const { id } = await bench.givenPayer({ card: false });

		await bench.at(start + delay);
		await bench.at(start + delay + 1 * days);
		const told = await bench.told();
		bench.quanta.now += 1 * days;
		await bench.card(id);
		await bench.run();

		const period = { from: start, to: nextMonth };
		expect(told).toEqual([
			{
				type: "PaymentFailed",
				subject: id,
				version: `${start + delay}`,
				data: { period, amountMinor: 1290, currency: "EUR", reason: "no_card", nextAttemptAt: null, failedAt: start + delay },
			},
		]);
		expect(bench.provider.approved).toHaveLength(1);
		expect(await bench.told()).toEqual([
			{
				type: "PaymentRecovered",
				subject: id,
				version: `${bench.quanta.now}`,
				data: { period, amountMinor: 1290, currency: "EUR", recoveredAt: bench.quanta.now },
			},
			expect.objectContaining({ type: "PaymentRecorded" }),
		]);
	});

	it("waits for a card no longer when it costs nothing any more", async () => {
		const { id } = await bench.givenPayer({ card: false });
		await bench.at(start + delay);
		await bench.plan(id, [[start, await bench.givenContract(0)]]);

		await bench.run();

		expect((await bench.periods(id))[0]).toMatchObject({ state: "paid", failure: null });
		expect((await bench.told()).map(({ type, data }) => [type, data["amountMinor"]])).toEqual([
			["PaymentFailed", 1290],
			["PaymentRecovered", 0],
		]);
	});

	it("says once that it has no card, also when it is looked at again and still has none", async () => {
		const { id } = await bench.givenPayer({ card: false });
		await bench.at(start + delay);
		await bench.told();
		await bench.quanta.databases.billing00
			.prepare("update periods set attempt_at = 1, look_at = 1 where from_at = ?")
			.bind(start)
			.run();

		await bench.at(start + delay + 2 * hours);

		expect(await bench.told()).toEqual([]);
		expect((await bench.periods(id))[0]).toMatchObject({ state: "due", attempt_at: null, look_at: null, failure: "no_card" });
		const version = "select version from periods order by from_at limit 1";
		expect(await rowsOf(bench.quanta.databases.billing00, version)).toEqual([{ version: start + delay }]);
	});

	it("is charged by the newest card that is verified", async () => {
		const { id } = await bench.givenPayer();
		bench.quanta.now += 1 * hours;
		await bench.card(id, otherVisa);

		await bench.at(start + delay);

		expect(bench.provider.approved).toMatchObject([{ token: `token of ${[...otherVisa].reverse().join("")}` }]);
	});

	it.each([
		["its contracts are not known in this shard", "delete from contract_versions", "contract_not_replicated"],
		["its plan is not known", "delete from subscriptions", "subscription_unknown"],
		["its customer is not known", "delete from customers", "customer_unknown"],
		["its card does not open", "update vault set sealed_card = 'AAAA'", "card_not_opened"],
		[
			"its plan has two currencies",
			`update subscriptions set phases = json_set(phases, '$[0].lines[#]',
				json_object('contractId', (select contract_id from contract_versions where terms->>'$.price.currency' = 'USD'), 'contractVersion', 1))`,
			"bill_not_made",
		],
	])("is not charged while %s; somebody is alarmed, and it is looked at again", async (_, broken, alarm) => {
		const { id } = await bench.givenPayer();
		await bench.givenContract(100, { currency: "USD" });
		await bench.quanta.databases.billing00.prepare(broken).run();

		await bench.at(start + delay);

		expect(bench.provider.calls).not.toContain("charge");
		expect(await bench.attempts(id)).toEqual([]);
		expect(bench.quanta.logged("alarm")).toContain(alarm);
		expect((await bench.periods(id))[0]).toMatchObject({ state: "due", look_at: start + delay + lease });
	});
});

describe("a card that is declined", () => {
	it("softly is asked again on days 3, 5 and 7, then the period is parked; the customer is told each time", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push(softly, softly, softly, softly);
		const first = start + delay;

		const charges: number[] = [];
		for (let time = first; time < first + 20 * days; time += 12 * hours) {
			const before = bench.provider.ledger.size;
			await bench.at(time);
			if (bench.provider.ledger.size > before) charges.push((time - first) / days);
		}

		expect(charges).toEqual([0, 3, 5, 7]);
		const failed = (await bench.told()).filter(({ type }) => type === "PaymentFailed");
		expect(failed.map(({ data }) => data["nextAttemptAt"])).toEqual([first + 3 * days, first + 5 * days, first + 7 * days, null]);
		expect(failed.map(({ data }) => data["reason"])).toEqual(Array(4).fill("insufficient_funds"));
		const versions = failed.map(({ version }) => Number(version));
		expect(versions).toEqual(versions.toSorted((a, b) => a - b));
		expect((await bench.periods(id))[0]).toMatchObject({ state: "parked", declines: 4, look_at: null });
		expect(await bench.invoices()).toEqual([]);
	});

	it("softly and then approved recovers, and is one invoice", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push(softly);
		await bench.at(start + delay);
		await bench.told();

		await bench.at(start + delay + 3 * days);

		expect((await bench.told()).map(({ type }) => type).sort()).toEqual(["PaymentRecorded", "PaymentRecovered"]);
		expect(await bench.attempts(id)).toEqual(["declined_soft", "approved"]);
		expect(await bench.invoices()).toHaveLength(1);
		expect((await bench.periods(id))[0]).toMatchObject({ state: "paid", failure: null });
	});

	it("hard is parked at once, and due with the next card that is verified, in a new round", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push(hard, softly);
		await bench.at(start + delay);
		const [parked] = await bench.periods(id);
		const told = await bench.told();

		bench.quanta.now += 9 * days;
		await bench.card(id, otherVisa);
		await bench.run();

		expect(parked).toMatchObject({ state: "parked", failure: "card_expired" });
		expect(told.map(({ type, data }) => [type, data["reason"] ?? data["outcome"], data["nextAttemptAt"]])).toEqual([
			["PaymentFailed", "card_expired", null],
			["PaymentRecorded", "declined_hard", undefined],
		]);
		expect((await bench.periods(id))[0]).toMatchObject({ state: "due", declines: 1, attempt_at: bench.quanta.now + 3 * days });
	});

	it("while another one is verified is not the last word: the other is asked at once", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push(hard);
		bench.provider.before = async (call) => {
			if (call !== "charge") return;
			bench.provider.before = () => {};
			await bench.card(id, otherVisa);
		};

		await bench.at(start + delay);
		const failed = (await bench.told()).find(({ type }) => type === "PaymentFailed");
		expect((await bench.periods(id))[0]).toMatchObject({ state: "due", declines: 0 });
		await bench.at(start + delay + 1 * minutes);

		expect(failed?.data).toMatchObject({ nextAttemptAt: start + delay });
		expect(await bench.attempts(id)).toEqual(["declined_hard", "approved"]);
	});

	it("by the provider when it hears of the card first is declined hard, and never asked for money", async () => {
		const { id } = await bench.givenPayer({ card: false });
		await bench.keepNumber(id, await bench.card(id));
		bench.provider.refuses = true;

		await bench.at(start + delay);

		expect(bench.provider.calls).not.toContain("charge");
		expect((await bench.periods(id))[0]).toMatchObject({ state: "parked", failure: "card_declined" });
	});
});
