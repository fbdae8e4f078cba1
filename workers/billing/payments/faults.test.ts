import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rowsOf, throughWire } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { idempotentFor } from "../provider/provider.ts";
import { startCharges } from "./schedule.ts";
import { Bench, delay, lease, start } from "./test-bench.ts";

let bench: Bench;
beforeEach(async () => {
	await migrateDatabases();
	bench = new Bench();
});
afterEach(() => reset());

const first = start + delay;

/** Whatever happened: in the end one charge, one invoice with the first number, and one fact of it. */
async function expectOnce(id: string): Promise<void> {
	expect(bench.provider.approved).toHaveLength(1);
	expect((await bench.invoices()).map(({ number }) => number)).toEqual(["INV-00-000001"]);
	expect((await bench.attempts(id)).filter((state) => state === "approved")).toHaveLength(1);
	const facts = await rowsOf(bench.billing00, "select 1 from outbox where type = 'PaymentRecorded'");
	expect(facts).toHaveLength(1);
	expect((await bench.periods(id))[0]).toMatchObject({ state: "paid" });
	expect(await rowsOf(bench.billing00, "select 1 from deliveries")).toHaveLength(1);
}

async function clean(): Promise<void> {
	await reset();
	await migrateDatabases();
	bench = new Bench();
}

describe("a run that dies", () => {
	/** Runs, and at its `at`th round trip to D1 the Worker is gone: before the database heard of it, or after. */
	async function dieAt(at: number, when: "before" | "after"): Promise<boolean> {
		let trips = 0;
		bench.wire = (database) =>
			throughWire(database, async (_, work) => {
				trips += 1;
				if (trips > at || (trips === at && when === "before")) throw new Error("dead");
				const results = await work();
				if (trips === at) throw new Error("dead");
				return results;
			});
		await bench.at(first).catch(() => {});
		bench.wire = (database) => database;
		return trips >= at;
	}

	it.each(["before", "after"] as const)("%s any round trip to the database leaves one charge and one invoice", async (when) => {
		let steps = 0;
		for (let at = 1; ; at += 1) {
			await clean();
			const { id } = await bench.givenPayer();
			if (!(await dieAt(at, when))) break;
			steps = at;
			for (const later of [lease, 2 * lease, 3 * lease, 4 * lease]) await bench.at(first + later);
			await expectOnce(id);
		}
		expect(steps).toBeGreaterThanOrEqual(4);
	});

	it.each(["charge", "findCharge"])("when the provider does not answer %s leaves one charge and one invoice", async (call) => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push("lost after");
		bench.provider.before = (made) => {
			if (made === call && bench.quanta.now < first + 1 * hours) throw new Error("busy");
		};

		for (let time = first; time < first + 8 * hours; time += 30 * minutes) await bench.at(time);

		await expectOnce(id);
	});
});

describe("runs at once", () => {
	it("on the same message charge once, wherever the one is overtaken by the other", async () => {
		let steps = 0;
		for (let at = 1; ; at += 1) {
			await clean();
			const { id } = await bench.givenPayer();
			bench.quanta.now = first;
			await startCharges(bench.ctx());
			const messages = bench.quanta.take("charges");
			let trips = 0;
			bench.wire = (database) =>
				throughWire(database, async (_, work) => {
					trips += 1;
					if (trips === at) await bench.work(messages);
					return work();
				});
			await bench.work(messages);
			bench.wire = (database) => database;
			if (trips < at) break;
			steps = at;
			for (const later of [lease, 2 * lease, 3 * lease]) await bench.at(first + later);
			await expectOnce(id);
		}
		expect(steps).toBeGreaterThanOrEqual(3);
	});

	it("beside each other, and the message again and again, charge once", async () => {
		const { id } = await bench.givenPayer();
		bench.quanta.now = first;
		await startCharges(bench.ctx());
		const messages = bench.quanta.take("charges");

		await Promise.all([bench.work(messages), bench.work(messages), bench.work(messages)]);
		await bench.work(messages);
		await bench.run();

		await expectOnce(id);
	});

	it("while the provider is being asked leave the attempt to the one that began it", async () => {
		const { id } = await bench.givenPayer();
		bench.quanta.now = first;
		await startCharges(bench.ctx());
		const messages = bench.quanta.take("charges");
		bench.provider.before = async (call) => {
			if (call === "charge") await bench.work(messages);
		};

		await bench.work(messages);

		expect(bench.provider.calls.filter((call) => call !== "register")).toEqual(["charge"]);
		await expectOnce(id);
	});
});

describe("an answer that does not come", () => {
	it("is looked up, and what was charged is settled without asking again", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push("lost after");
		await bench.at(first);
		const unsettled = await bench.attempts(id);

		await bench.at(first + 1 * minutes);

		expect(unsettled).toEqual(["unknown"]);
		expect(bench.provider.calls.filter((call) => call !== "register")).toEqual(["charge", "findCharge"]);
		await expectOnce(id);
	});

	it("and of which the provider has nothing is asked for again under the same id", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push("lost before");
		await bench.at(first);

		await bench.at(first + 1 * minutes);

		expect(await bench.attempts(id)).toEqual(["approved"]);
		await expectOnce(id);
	});

	it("is waited for longer and longer, up to six hours", async () => {
		await bench.givenPayer();
		bench.provider.script.push({ outcome: "pending" });
		const looked: number[] = [];
		bench.provider.before = (call) => {
			if (call === "findCharge") looked.push((bench.quanta.now - first) / minutes);
		};

		for (let time = first; time < first + 22 * hours; time += 1 * minutes) {
			bench.quanta.now = time;
			const [{ look_at: next = 0 } = {}] = await rowsOf<{ look_at: number }>(
				bench.billing00,
				"select min(look_at) as look_at from periods",
			);
			if (next <= time) await bench.run();
		}

		expect(looked).toEqual([1, 3, 7, 15, 31, 63, 127, 255, 511, 871, 1231]);
	});

	it("is given up when the provider has none and may have forgotten the key, and another attempt begins at once", async () => {
		const { id } = await bench.givenPayer();
		bench.provider.script.push("lost before");
		await bench.at(first);

		await bench.at(first + idempotentFor);
		await bench.at(first + idempotentFor + 1 * minutes);

		expect(await bench.attempts(id)).toEqual(["given_up", "approved"]);
		await expectOnce(id);
	});

	it("of a card that is gone by now is not asked for by another one until it is too late for the first", async () => {
		const { id } = await bench.givenPayer();
		const cards = await rowsOf<{ card_id: string }>(bench.billing00, "select card_id from cards");
		bench.provider.script.push("lost before");
		await bench.at(first);
		await bench.card(id, "4000000000000002");
		await bench.removeCard(id, cards[0]?.card_id ?? "");

		await bench.at(first + 10 * minutes);
		const meanwhile = await bench.attempts(id);
		await bench.at(first + idempotentFor);
		await bench.at(first + idempotentFor + 1 * minutes);

		expect(meanwhile).toEqual(["unknown"]);
		expect(await bench.attempts(id)).toEqual(["given_up", "approved"]);
		await expectOnce(id);
	});
});

describe("a database that was put back", () => {
	it("to before a charge finds it again, also when the provider has forgotten its key", async () => {
		const { id } = await bench.givenPayer();
		await bench.at(first);
		const [charged] = bench.provider.approved;
		for (const table of ["attempts", "invoices", "deliveries", "series", "outbox"]) {
			await bench.billing00.prepare(`delete from ${table}`).run();
		}
		await bench.billing00
			.prepare("update periods set state = 'due', attempt_id = null, attempt_at = ?1, look_at = ?1 where from_at = ?2")
			.bind(first, start)
			.run();

		await bench.at(first + 3 * days);

		expect(bench.provider.calls.filter((call) => call !== "register")).toEqual(["charge", "findCharge"]);
		expect(await rowsOf(bench.billing00, "select attempt_id from attempts")).toEqual([{ attempt_id: charged?.attemptId }]);
		await expectOnce(id);
	});
});

describe("the queue", () => {
	it.each([
		["nothing", ""],
		["no JSON", "{"],
		["no periods", JSON.stringify({ periods: [] })],
		["somebody who is none", JSON.stringify({ periods: [{ customerId: "nobody", fromAt: start }] })],
		["no shard of ours", JSON.stringify({ periods: [{ customerId: newId("cus", "ff"), fromAt: start }] })],
		[
			"several shards",
			JSON.stringify({ periods: ["00", "01"].map((shard) => ({ customerId: newId("cus", shard), fromAt: start })) }),
		],
	])("with a message of %s: an alarm, and nothing else", async (_, body) => {
		await bench.work([body]);

		expect(bench.quanta.logged("alarm")).toEqual(["charges_malformed"]);
	});

	it("while it is not known who sells, asks and writes nothing; what is due is charged when it is", async () => {
		const { id } = await bench.givenPayer();
		const { terms } = bench;
		bench.terms = {
			...terms,
			get seller(): never {
				throw new Error("malformed");
			},
		};
		await expect(bench.at(first)).rejects.toThrow("malformed");
		expect(bench.provider.calls).not.toContain("charge");
		expect(await bench.attempts(id)).toEqual([]);

		bench.terms = terms;
		await bench.at(first + lease + 1);

		expect(bench.provider.approved).toHaveLength(1);
		expect(await bench.invoices()).toHaveLength(1);
	});

	it("with a period that is not there does nothing", async () => {
		await bench.work([JSON.stringify({ periods: [{ customerId: newId("cus", "00"), fromAt: start }] })]);

		expect(await rowsOf(bench.billing00, "select 1 from periods")).toEqual([]);
	});

	it("that takes nothing leaves the periods to a later run", async () => {
		const { id } = await bench.givenPayer();
		bench.quanta.failingQueues.add("charges");
		await expect(bench.at(first)).rejects.toThrow();
		bench.quanta.failingQueues.clear();

		await bench.at(first + lease - 1);
		expect(bench.provider.calls).not.toContain("charge");
		await bench.at(first + lease);

		await expectOnce(id);
	});
});

it("a shard that is down keeps no other waiting", async () => {
	const [{ id: ada }, { id: grace }] = [await bench.givenPayer(), await bench.givenPayer({ shard: "01" })];
	bench.quanta.databases.billing00.down = true;
	bench.quanta.now = first;

	await expect(startCharges(bench.ctx())).rejects.toThrow("down");
	await bench.work(bench.quanta.take("charges"));

	bench.quanta.databases.billing00.down = false;
	expect(await bench.attempts(grace)).toEqual(["approved"]);
	expect(await bench.attempts(ada)).toEqual([]);
});
