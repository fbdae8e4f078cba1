import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { waitInOutbox } from "../testing/backlog.ts";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage } from "../testing/forge.ts";
import { receiptsFrom } from "../testing/messages.ts";
import type { Quanta } from "../testing/quanta.ts";
import { happen, thingCustomer, thingQuanta } from "../testing/things.ts";
import { hours, minutes } from "../time.ts";
import { relay } from "./relay.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

/** Both destinations have just confirmed something in both shards. */
async function destinationsAwake() {
	for (const database of [env.CUSTOMER_DB_00, env.CUSTOMER_DB_01]) {
		const insert = database.prepare("insert or replace into destinations values ('sysops', ?1, null), ('customer', ?1, null)");
		await insert.bind(quanta.now).run();
	}
}

/** Things whose first send was lost, a second apart; only the rows to sysops are kept. */
async function lostThings(count: number, customer = customerId("00")): Promise<string[]> {
	const ids: string[] = [];
	for (let n = 0; n < count; n++) {
		ids.push(await happen(quanta.ctx("customer"), { thing: `t${n}`, customer }, { send: false }));
		quanta.now += 1000;
	}
	for (const database of [env.CUSTOMER_DB_00, env.CUSTOMER_DB_01])
		await database.exec("delete from outbox where destination = 'customer'");
	return ids;
}

const sentIds = () => quanta.take("things").map((token) => readMessage(token).event["id"]);
const delays = async () =>
	(await rowsOf<{ delay: number }>(env.CUSTOMER_DB_00, "select next_attempt_at - ? as delay from outbox", quanta.now)).map(
		({ delay }) => delay,
	);

describe("the relay", () => {
	it("sends what nobody has confirmed once its first delay is over, not before", async () => {
		const ids = await lostThings(1);
		await destinationsAwake();
		quanta.now += 2 * minutes - 1001;
		expect(await relay(quanta.ctx("customer"))).toBe(0);
		quanta.now += 1;
		expect(await relay(quanta.ctx("customer"))).toBe(1);
		expect(sentIds()).toEqual(ids);
	});

	it("claims what it sends: of two at the same time each row is sent by one", async () => {
		const ids = await lostThings(20);
		quanta.now += 5 * minutes;
		await destinationsAwake();
		const sent = await Promise.all([relay(quanta.ctx("customer")), relay(quanta.ctx("customer"))]);
		expect(sent[0] + sent[1]).toBe(20);
		expect(sentIds().sort()).toEqual([...ids].sort());
		expect(await relay(quanta.ctx("customer"))).toBe(0);
	});

	it("takes the oldest first when its budget of messages is small, and the rest the next time", async () => {
		const ids = await lostThings(5);
		quanta.now += 5 * minutes;
		await destinationsAwake();
		expect(await relay(quanta.ctx("customer"), { budget: { queries: 100, messages: 3 } })).toBe(3);
		expect(sentIds().sort()).toEqual(ids.slice(0, 3).sort());
		await relay(quanta.ctx("customer"));
		expect(sentIds().sort()).toEqual(ids.slice(3).sort());
	});

	it("never sends more messages than its budget, over all pages and shards", async () => {
		await fillOutbox(env.CUSTOMER_DB_00, 150);
		await fillOutbox(env.CUSTOMER_DB_01, 150);
		await destinationsAwake();
		for (const messages of [50, 120, 130]) {
			expect(await relay(quanta.ctx("customer"), { budget: { queries: 100, messages } })).toBe(messages);
			expect(quanta.take("things")).toHaveLength(messages);
		}
	});

	it("doubles the delay with jitter up to the longest, for ever", async () => {
		await lostThings(1);
		for (const expected of [4, 8, 16, 32, 64, 128, 256, 360, 360, 360].map((n) => n * minutes)) {
			quanta.now += 8 * hours;
			await destinationsAwake();
			expect(await relay(quanta.ctx("customer"))).toBe(1);
			const [delay = 0] = await delays();
			expect(delay).toBeGreaterThanOrEqual(expected * 0.75);
			expect(delay).toBeLessThanOrEqual(expected * 1.25);
		}
	});

	it("gives different runs different jitter", async () => {
		await lostThings(1);
		const seen = new Set<number>();
		for (let run = 0; run < 6; run++) {
			await env.CUSTOMER_DB_00.exec("update outbox set attempts = 0");
			quanta.now += 8 * hours;
			await relay(quanta.ctx("customer"));
			for (const delay of await delays()) seen.add(delay);
		}
		expect(seen.size).toBeGreaterThan(3);
	});

	it("never makes more D1 calls than its budget, whatever is due", async () => {
		await lostThings(30);
		await lostThings(30, customerId("01"));
		await env.CUSTOMER_DB_00.exec("insert or replace into destinations values ('sysops', 1, 1), ('customer', 1, 1)");
		quanta.now += 5 * minutes;
		for (const queries of [1, 2, 3, 4, 5, 6, 7]) {
			quanta.databases.customer00.calls = 0;
			quanta.databases.customer01.calls = 0;
			await relay(quanta.ctx("customer"), { budget: { queries, messages: 100 } });
			expect(quanta.databases.customer00.calls + quanta.databases.customer01.calls).toBeLessThanOrEqual(queries);
			await env.CUSTOMER_DB_00.exec("update destinations set woken_at = 1");
		}
	});

	it("pages through a backlog with both shards in turn", async () => {
		await fillOutbox(env.CUSTOMER_DB_00, 250);
		await fillOutbox(env.CUSTOMER_DB_01, 120);
		await destinationsAwake();
		expect(await relay(quanta.ctx("customer"))).toBe(370);
		const shards = (quanta.sends.get("things") ?? []).map((page) => readMessage(page[0]).event["shard"]);
		const first = new Date(quanta.now).getTime() % (2 * minutes) < minutes ? ["00", "01"] : ["01", "00"];
		expect(shards).toEqual([...first, ...first, "00"]);
	});

	it("lets another shard be first every minute", async () => {
		await fillOutbox(env.CUSTOMER_DB_00, 50);
		await fillOutbox(env.CUSTOMER_DB_01, 50);
		await destinationsAwake();
		const firsts = new Set<unknown>();
		for (let minute = 0; minute < 2; minute++) {
			await relay(quanta.ctx("customer"), { budget: { queries: 100, messages: 10 } });
			for (const token of quanta.take("things")) firsts.add(readMessage(token).event["shard"]);
			quanta.now += minutes;
		}
		expect([...firsts].sort()).toEqual(["00", "01"]);
	});

	it("is not stopped by a shard that does not answer", async () => {
		const ids = await lostThings(3, customerId("01"));
		quanta.now += 5 * minutes;
		await destinationsAwake();
		quanta.databases.customer00.down = true;
		expect(await relay(quanta.ctx("customer"))).toBe(3);
		expect(sentIds().sort()).toEqual([...ids].sort());
		const warnings = quanta.log.filter(({ level }) => level === "warn");
		expect(warnings).toMatchObject([{ message: "relay_shard_failed", shard: "00", error: expect.stringMatching(/^Error at /) }]);
	});

	it("leaves due later what a queue does not take", async () => {
		const ids = await lostThings(1);
		quanta.now += 5 * minutes;
		await destinationsAwake();
		quanta.failingQueues.add("things");
		await relay(quanta.ctx("customer"));
		expect((await delays())[0]).toBeGreaterThan(0);
		quanta.failingQueues.clear();
		quanta.now += 6 * minutes;
		await relay(quanta.ctx("customer"));
		expect(sentIds()).toEqual(ids);
	});

	it("does not send what is parked", async () => {
		const ids = await lostThings(1);
		await quanta.deliver(thingCustomer, "receipts-customer", [await receiptsFrom(quanta.ctx("sysops"), ids, "never")]);
		quanta.now += 24 * hours;
		expect(await relay(quanta.ctx("customer"))).toBe(0);
	});
});

/** Due rows to sysops; each event tells its shard. */
function fillOutbox(database: D1Database, count: number): Promise<void> {
	const event = `json_object('shard', '${database === env.CUSTOMER_DB_00 ? "00" : "01"}')`;
	const due = { attempts: 0, next_attempt_at: quanta.now - 1, sent_at: "null", created_at: 1 };
	return waitInOutbox(database, "sysops", count, { type: "'ThingHappened'", event, ...due });
}
