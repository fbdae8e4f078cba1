import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage, sentTo, signAs } from "../testing/forge.ts";
import type { Quanta } from "../testing/quanta.ts";
import { noteMessage, thingCustomer, thingMessage, thingQuanta, thingSysops } from "../testing/things.ts";
import { days } from "../time.ts";
import { newEvent } from "./envelope.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

const toSysops = (...bodies: string[]) => quanta.deliver(thingSysops, "things", bodies);
/** What the customer Worker is told, in the order of the messages. */
const receipts = () =>
	quanta.take("receipts-customer").flatMap((token) => {
		const data = readMessage(token).event["data"] as { receipts: { id: string; verdict: string; reason?: string }[] }; // our own message
		return data.receipts.map(({ id, verdict, reason }) => [id, reason ?? verdict]);
	});
const idOf = (token: string) => readMessage(token).event["id"];
const applied = () => rowsOf(env.SYSOPS_DB, "select thing, name from applied order by rowid");
const inbox = () => rowsOf(env.SYSOPS_DB, "select source, id, verdict, reason from inbox order by id");

describe("a repetition", () => {
	it("has no effect and is confirmed again, later and inside one batch", async () => {
		const message = await thingMessage(quanta.ctx("customer"), { thing: "t1" });
		await toSysops(message, message);
		await toSysops(message);
		await toSysops(message);
		expect(await applied()).toEqual([{ thing: "t1", name: "a thing" }]);
		expect(receipts()).toEqual(Array(4).fill([idOf(message), "accepted"]));
		expect(await inbox()).toEqual([{ source: "customer", id: idOf(message), verdict: "accepted", reason: null }]);
	});

	it("does not disturb what is new in the same batch", async () => {
		const first = await thingMessage(quanta.ctx("customer"), { thing: "t1" });
		await toSysops(first);
		const second = await thingMessage(quanta.ctx("customer"), { thing: "t2" });
		await toSysops(first, second);
		expect((await applied()).map(({ thing }) => thing)).toEqual(["t1", "t2"]);
	});

	it("of a rejected message gets the stored verdict, even if it could be accepted by now", async () => {
		await toSysops(await thingMessage(quanta.ctx("customer"), { thing: "t1", customer: customerId("00", "b") }));
		const note = await noteMessage(quanta.ctx("customer"), "t1", "hello");
		receipts();
		await toSysops(note);
		await env.SYSOPS_DB.prepare("update things set customer_id = ?").bind(customerId("00")).run();
		await toSysops(note);
		expect(receipts()).toEqual(Array(2).fill([idOf(note), "other_customer"]));
		expect(await rowsOf(env.SYSOPS_DB, "select note from notes")).toEqual([]);
	});
});

describe("a message that refers to something not known yet", () => {
	it("is acknowledged without a trace and stored when it comes again after what it refers to", async () => {
		const note = await noteMessage(quanta.ctx("customer"), "t1", "hello");
		expect(await toSysops(note)).toEqual({ acknowledged: [0], retried: [] });
		expect(receipts()).toEqual([]);
		expect(await inbox()).toEqual([]);

		await toSysops(await thingMessage(quanta.ctx("customer"), { thing: "t1" }));
		await toSysops(note);
		expect(await rowsOf(env.SYSOPS_DB, "select note from notes")).toEqual([{ note: "hello" }]);
		expect(receipts()).toContainEqual([idOf(note), "accepted"]);
	});

	it("is stored at once when that is in the same batch, whatever the order", async () => {
		const note = await noteMessage(quanta.ctx("customer"), "t1", "hello");
		const thing = await thingMessage(quanta.ctx("customer"), { thing: "t1" });
		await toSysops(note, thing);
		expect(await rowsOf(env.SYSOPS_DB, "select note from notes")).toEqual([{ note: "hello" }]);
		expect(receipts()).toHaveLength(2);
	});
});

describe("a message that can never be accepted", () => {
	it("is confirmed as rejected with its reason and has no effect", async () => {
		await toSysops(await thingMessage(quanta.ctx("customer"), { thing: "t1", customer: customerId("00", "b") }));
		receipts();
		const note = await noteMessage(quanta.ctx("customer"), "t1", "hello");
		expect(await toSysops(note)).toEqual({ acknowledged: [0], retried: [] });
		expect(receipts()).toEqual([[idOf(note), "other_customer"]]);
		expect(await rowsOf(env.SYSOPS_DB, "select note from notes")).toEqual([]);
	});

	it("because its data is not as its schema says, or it has no customer or no version, is rejected", async () => {
		const about = { type: "ThingHappened", subject: customerId("00"), version: 1, data: { thing: 7, name: "x" } };
		const wrongData = newEvent(quanta.ctx("customer"), "00", about);
		const { subject: _, ...nobodys } = newEvent(quanta.ctx("customer"), "00", { ...about, data: { thing: "t1", name: "x" } });
		const { version: __, ...unversioned } = newEvent(quanta.ctx("customer"), "00", {
			...about,
			data: { thing: "t1", name: "x" },
		});
		const events = [wrongData, nobodys, unversioned];
		const messages = await Promise.all(events.map((event) => signAs("customer", event, sentTo("sysops", quanta.now))));
		expect(await toSysops(...messages)).toEqual({ acknowledged: [0, 1, 2], retried: [] });
		expect(receipts()).toEqual(events.map(({ id }) => [id, "schema"]));
		expect(await applied()).toEqual([]);
	});
});

describe("row 35: an erased customer's message", () => {
	it("is accepted and nothing of it is stored, even if it refers to nothing", async () => {
		await env.SYSOPS_DB.prepare("insert into erased_customers values (?, 1)").bind(customerId("00")).run();
		const thing = await thingMessage(quanta.ctx("customer"), { thing: "t1" });
		const note = await noteMessage(quanta.ctx("customer"), "unknown", "hello");
		const other = await thingMessage(quanta.ctx("customer"), { thing: "t2", customer: customerId("00", "b") });
		await toSysops(thing, note, other);
		expect(receipts()).toEqual([thing, note, other].map((token) => [idOf(token), "accepted"]));
		expect(await applied()).toEqual([{ thing: "t2", name: "a thing" }]);
		expect(await rowsOf(env.SYSOPS_DB, "select note from notes")).toEqual([]);
	});
});

describe("several versions of one thing", () => {
	const versions = (...numbers: number[]) =>
		Promise.all(numbers.map((version) => thingMessage(quanta.ctx("customer"), { thing: "t1", name: `v${version}`, version })));

	it("in one batch are reduced to the newest before anything is applied; all are confirmed", async () => {
		const messages = await versions(2, 10, 9);
		await toSysops(...messages);
		expect(await applied()).toEqual([{ thing: "t1", name: "v10" }]);
		expect(receipts()).toEqual(messages.map((token) => [idOf(token), "accepted"]));
	});

	it("an older one that arrives later is accepted and ignored", async () => {
		const [old = "", young = ""] = await versions(9, 10);
		await toSysops(young);
		await toSysops(old);
		expect(receipts()).toHaveLength(2);
		expect(await rowsOf(env.SYSOPS_DB, "select name, version from things")).toEqual([{ name: "v10", version: 10 }]);
	});

	it("of different things are kept apart", async () => {
		const other = await thingMessage(quanta.ctx("customer"), { thing: "t2", version: 1 });
		await toSysops(other, ...(await versions(5)));
		expect((await applied()).map(({ thing }) => thing)).toEqual(["t2", "t1"]);
	});
});

it("says in its receipts which request began it all", async () => {
	const message = await thingMessage(quanta.ctx("customer"), { thing: "t1" });
	await toSysops(message);
	const { data } = readMessage(quanta.take("receipts-customer")[0]).event as { data: { receipts: { correlationId: string }[] } };
	expect(data.receipts.map(({ correlationId }) => correlationId)).toEqual([readMessage(message).event["correlationid"]]);
});

it("confirms at most 100 events in one message, and keeps what its customers wrote out of the log", async () => {
	const messages = await Promise.all(
		Array.from({ length: 130 }, (_, n) => thingMessage(quanta.ctx("customer"), { thing: `t${n}`, name: "a secret" })),
	);
	await toSysops(...messages);
	expect(quanta.take("receipts-customer")).toHaveLength(2);
	expect(JSON.stringify(quanta.log)).not.toContain("secret");
});

it("stores a batch for two shards in one D1 batch each", async () => {
	quanta.now += days;
	const message = (thing: string, shard: string) =>
		thingMessage(quanta.ctx("customer"), { thing, customer: customerId(shard) }, "customer");
	const messages = [await message("t1", "00"), await message("t2", "01"), await message("t3", "00"), await message("t4", "01")];
	await quanta.deliver(thingCustomer, "own-things", messages);
	expect([quanta.databases.customer00.calls, quanta.databases.customer01.calls]).toEqual([1, 1]);
	expect(await rowsOf(env.CUSTOMER_DB_01, "select id from things order by id")).toEqual([{ id: "t2" }, { id: "t4" }]);
});
