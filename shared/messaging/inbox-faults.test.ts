import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage } from "../testing/forge.ts";
import type { Quanta } from "../testing/quanta.ts";
import { thingCustomer, thingMessage, thingQuanta, thingSysops } from "../testing/things.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

const receipts = () =>
	quanta.take("receipts-customer").flatMap((token) => {
		const data = readMessage(token).event["data"] as { receipts: { id: string }[] }; // our own message
		return data.receipts.map(({ id }) => id);
	});
const things = (names: readonly string[], customer = customerId("00"), to: "customer" | "sysops" = "sysops") =>
	Promise.all(names.map((thing) => thingMessage(quanta.ctx("customer"), { thing, customer }, to)));
const count = async (table: string) => (await rowsOf<{ n: number }>(env.SYSOPS_DB, `select count(*) as n from ${table}`))[0]?.n;

describe("row 12: one poison message in a batch of 100", () => {
	for (const place of [0, 49, 99]) {
		it(`at place ${place}: the other 99 succeed, the poison alone comes again`, async () => {
			const names = Array.from({ length: 100 }, (_, n) => (n === place ? "poison" : `t${n}`));
			const messages = await things(names);
			const { acknowledged, retried } = await quanta.deliver(thingSysops, "things", messages);
			expect(retried).toEqual([place]);
			expect(acknowledged).toHaveLength(99);
			expect(await count("things")).toBe(99);
			expect(await count("applied")).toBe(99);
			const confirmed = receipts();
			expect(new Set(confirmed).size).toBe(99);
			expect(confirmed).not.toContain(readMessage(messages[place]).event["id"]);
			expect(quanta.logged("alarm")).toEqual(["events_not_stored"]);
		});
	}

	it("is found in about 2·log₂(100) batches", async () => {
		await quanta.deliver(
			thingSysops,
			"things",
			await things(Array.from({ length: 100 }, (_, n) => (n === 33 ? "poison" : `t${n}`))),
		);
		expect(quanta.databases.sysops.calls).toBeLessThan(30);
	});
});

describe("a database that does not answer", () => {
	it("makes every message come again; nothing is confirmed, nothing bisected", async () => {
		const messages = await things(["t1", "t2", "t3"]);
		quanta.databases.sysops.down = true;
		expect(await quanta.deliver(thingSysops, "things", messages)).toEqual({ acknowledged: [], retried: [0, 1, 2] });
		expect(receipts()).toEqual([]);
		expect(quanta.logged("alarm")).toEqual(["events_not_stored"]);

		quanta.databases.sysops.down = false;
		expect(await quanta.deliver(thingSysops, "things", messages)).toEqual({ acknowledged: [0, 1, 2], retried: [] });
		expect(await count("applied")).toBe(3);
	});

	it("holds up no other shard", async () => {
		const first = await things(["t1"], customerId("00"), "customer");
		const second = await things(["t2"], customerId("01"), "customer");
		quanta.databases.customer00.down = true;
		expect(await quanta.deliver(thingCustomer, "own-things", [...first, ...second])).toEqual({ acknowledged: [1], retried: [0] });
		expect(await rowsOf(env.CUSTOMER_DB_01, "select id from things")).toEqual([{ id: "t2" }]);
	});
});

describe("a batch that the database has committed although it failed", () => {
	it("takes effect once, is acknowledged, and every message of it is confirmed", async () => {
		quanta.databases.sysops.answersToLose = 1;
		const messages = await things(["t1", "t2", "t3"]);
		expect(await quanta.deliver(thingSysops, "things", messages)).toEqual({ acknowledged: [0, 1, 2], retried: [] });
		expect(await count("applied")).toBe(3);
		expect(receipts().sort()).toEqual(messages.map((token) => readMessage(token).event["id"]).sort());
	});
});

it("two runs that take the same messages at the same time have one effect, and both confirm", async () => {
	const messages = await things(["t1", "t2", "t3"]);
	await Promise.all([quanta.deliver(thingSysops, "things", messages), quanta.deliver(thingSysops, "things", messages)]);
	expect(await count("applied")).toBe(3);
	expect(receipts()).toHaveLength(6);
});

it("stores in one D1 batch for each megabyte, since a bound value has at most 2 MB", async () => {
	const large = (thing: string) => thingMessage(quanta.ctx("customer"), { thing, name: "x".repeat(44_000) });
	const messages = await Promise.all(Array.from({ length: 60 }, (_, n) => large(`t${n}`)));
	expect((await quanta.deliver(thingSysops, "things", messages)).acknowledged).toHaveLength(60);
	expect(await count("things")).toBe(60);
	expect(quanta.databases.sysops.calls).toBe(3); // 60 × 44 KB = 2.6 MB
});

it("acknowledges with an alarm, and does not confirm, what belongs to a shard that is not deployed here yet", async () => {
	const [known = "", unknown = ""] = [
		...(await things(["t1"], undefined, "customer")),
		...(await things(["t2"], customerId("7f"), "customer")),
	];
	expect(await quanta.deliver(thingCustomer, "own-things", [unknown, known])).toEqual({ acknowledged: [0, 1], retried: [] });
	expect(receipts()).toEqual([readMessage(known).event["id"]]);
	expect(quanta.logged("alarm")).toEqual(["unknown_shard"]);
});

it("stores what came even when no receipt can be sent: the event comes again and is confirmed then", async () => {
	const messages = await things(["t1"]);
	quanta.failingQueues.add("receipts-customer");
	expect(await quanta.deliver(thingSysops, "things", messages)).toEqual({ acknowledged: [0], retried: [] });
	quanta.failingQueues.clear();
	await quanta.deliver(thingSysops, "things", messages);
	expect(receipts()).toHaveLength(1);
	expect(await count("applied")).toBe(1);
});
