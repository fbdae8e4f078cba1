import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { rowsOf } from "../testing/database.ts";
import { customerId, newId } from "../testing/fixtures.ts";
import { readMessage } from "../testing/forge.ts";
import { receiptsFrom } from "../testing/messages.ts";
import type { Quanta } from "../testing/quanta.ts";
import { happen, thingCustomer, thingQuanta, thingSysops } from "../testing/things.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

const outbox = () => rowsOf(env.CUSTOMER_DB_00, "select event_id as id, destination from outbox order by destination");
const confirmations = () => rowsOf(env.CUSTOMER_DB_00, "select thing, destination from confirmations order by destination");

describe("an event with two destinations", () => {
	it("has an outbox row and a message for each, signed for that one", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1" });
		await quanta.settled();
		expect(await outbox()).toEqual([
			{ id, destination: "customer" },
			{ id, destination: "sysops" },
		]);
		expect(quanta.take("things").map((token) => readMessage(token).header["aud"])).toEqual(["sysops"]);
		expect(quanta.take("own-things").map((token) => readMessage(token).header["aud"])).toEqual(["customer"]);
	});

	it("is stored by both, and each confirms its own row only", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1", name: "first" });
		await quanta.settled();

		await quanta.deliver(thingSysops, "things", quanta.take("things"));
		await quanta.deliver(thingCustomer, "receipts-customer", quanta.take("receipts-customer"));
		expect(await outbox()).toEqual([{ id, destination: "customer" }]);
		expect(await confirmations()).toEqual([{ thing: "t1", destination: "sysops" }]);

		await quanta.deliver(thingCustomer, "own-things", quanta.take("own-things"));
		await quanta.deliver(thingCustomer, "receipts-customer", quanta.take("receipts-customer"));
		expect(await outbox()).toEqual([]);
		expect(await confirmations()).toEqual([
			{ thing: "t1", destination: "customer" },
			{ thing: "t1", destination: "sysops" },
		]);
		for (const database of [env.SYSOPS_DB, env.CUSTOMER_DB_00]) {
			expect(await rowsOf(database, "select name from things where id = 't1'")).toEqual([{ name: "first" }]);
		}
		expect(quanta.logged("alarm")).toEqual([]);
	});

	it("takes effect once however often its receipt comes, in one batch or later", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1" });
		const receipt = await receiptsFrom(quanta.ctx("sysops"), [id]);
		await quanta.deliver(thingCustomer, "receipts-customer", [receipt]);
		await quanta.deliver(thingCustomer, "receipts-customer", [receipt, receipt]);
		expect(await confirmations()).toEqual([{ thing: "t1", destination: "sysops" }]);
		expect(await outbox()).toEqual([{ id, destination: "customer" }]);
		expect(quanta.logged("alarm")).toEqual([]);
	});
});

describe("receipts", () => {
	it("of a rejected event park its row with the reason and raise an alarm, once", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1" });
		const receipt = await receiptsFrom(quanta.ctx("sysops"), [id], "other_customer");
		await quanta.deliver(thingCustomer, "receipts-customer", [receipt]);
		await quanta.deliver(thingCustomer, "receipts-customer", [receipt]);
		const parked = "select destination, next_attempt_at as due, parked_reason as reason from outbox where destination = 'sysops'";
		expect(await rowsOf(env.CUSTOMER_DB_00, parked)).toEqual([{ destination: "sysops", due: null, reason: "other_customer" }]);
		expect(quanta.logged("alarm")).toEqual(["event_parked"]);
		expect(quanta.log.find(({ message }) => message === "event_parked")).toMatchObject({ eventId: id, reason: "other_customer" });
		expect(await confirmations()).toEqual([]);
	});

	it("row 33: a receipt for an event of another destination is ignored with an alarm", async () => {
		const id = await noteInOutbox(); // for sysops only
		await quanta.deliver(thingCustomer, "receipts-customer", [await receiptsFrom(quanta.ctx("customer"), [id])]);
		expect(await outbox()).toEqual([{ id, destination: "sysops" }]);
		expect(quanta.log.filter(({ level }) => level === "alarm")).toMatchObject([
			{ message: "receipt_from_stranger", eventId: id, source: "customer" },
		]);
	});

	it("row 33: a rejection by somebody who is no destination parks nothing", async () => {
		const id = await noteInOutbox();
		await quanta.deliver(thingCustomer, "receipts-customer", [await receiptsFrom(quanta.ctx("customer"), [id], "no")]);
		expect(await rowsOf(env.CUSTOMER_DB_00, "select parked_reason as reason from outbox")).toEqual([{ reason: null }]);
		expect(quanta.logged("alarm")).toEqual(["receipt_from_stranger"]);
	});

	it("of unknown events change nothing; those of a shard that is not here raise an alarm, and the others count", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1" });
		const unknown = newId("evt", "00");
		const ids = [unknown, unknown.replace("evt_00", "evt_7f"), id];
		const { acknowledged } = await quanta.deliver(thingCustomer, "receipts-customer", [
			await receiptsFrom(quanta.ctx("sysops"), ids),
		]);
		expect(acknowledged).toEqual([0]);
		expect(quanta.logged("alarm")).toEqual(["unknown_shard"]);
		expect(await outbox()).toEqual([{ id, destination: "customer" }]);
	});

	it("are applied 2,000 at a time, since a bound value has at most 2 MB", async () => {
		const id = await happen(quanta.ctx("customer"), { thing: "t1" });
		const ids = Array.from({ length: 100 }, () => newId("evt", "00"));
		const others = await receiptsFrom(quanta.ctx("sysops"), ids);
		const last = await receiptsFrom(quanta.ctx("sysops"), [id]);
		quanta.databases.customer00.calls = 0;
		await quanta.deliver(thingCustomer, "receipts-customer", [...Array(20).fill(others), last]);
		expect(quanta.databases.customer00.calls).toBe(2);
		expect(await outbox()).toEqual([{ id, destination: "customer" }]);
	});

	it("come again when their shard's database is down, and only those", async () => {
		const inFirst = await happen(quanta.ctx("customer"), { thing: "t1" });
		const inSecond = await happen(quanta.ctx("customer"), { thing: "t2", customer: customerId("01") });
		const batch = [await receiptsFrom(quanta.ctx("sysops"), [inFirst]), await receiptsFrom(quanta.ctx("sysops"), [inSecond])];
		quanta.databases.customer01.down = true;
		expect(await quanta.deliver(thingCustomer, "receipts-customer", batch)).toEqual({ acknowledged: [0], retried: [1] });
		expect(await confirmations()).toEqual([{ thing: "t1", destination: "sysops" }]);
		expect(await rowsOf(env.CUSTOMER_DB_01, "select count(*) as n from outbox")).toEqual([{ n: 2 }]);
	});
});

async function noteInOutbox(): Promise<string> {
	const id = newId("evt", "00");
	await env.CUSTOMER_DB_00.prepare(
		`insert into outbox (event_id, destination, type, event, attempts, first_delay, next_attempt_at, created_at)
		values (?, 'sysops', 'ThingNoted', '{}', 0, 1, 1, 1)`,
	)
		.bind(id)
		.run();
	return id;
}
