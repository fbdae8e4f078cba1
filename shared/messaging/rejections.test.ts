import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { rowsOf } from "../testing/database.ts";
import { customerId } from "../testing/fixtures.ts";
import { readMessage, sentTo, signAs } from "../testing/forge.ts";
import { receiptsFrom } from "../testing/messages.ts";
import type { Quanta } from "../testing/quanta.ts";
import { happen, thingCustomer, thingQuanta, thingSysops } from "../testing/things.ts";
import { minutes } from "../time.ts";
import { consumption } from "./consumption.ts";
import { newEvent } from "./envelope.ts";
import { relay } from "./relay.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

/** A signed event of the customer Worker, with something about it changed. */
function thing(more: object): Promise<string> {
	const about = { type: "ThingHappened", subject: customerId("00"), version: 1, data: { thing: "t1", name: "a thing" } };
	const event = { ...newEvent(quanta.ctx("customer"), "00", about), ...more };
	return signAs("customer", event, sentTo("sysops", quanta.now));
}
const receipts = () => quanta.take("receipts-customer").map((token) => readMessage(token).event["data"]);
const things = () => rowsOf(env.SYSOPS_DB, "select id from things");

describe("an authentic event that can never be accepted", () => {
	it.each([
		["a correlation id that is too long", { correlationid: "c".repeat(65) }],
		["a subject that is no customer", { subject: "somebody" }],
		["no time", { time: undefined }],
		["data of another shape", { data: { thing: 1 } }],
	])("is rejected and not left to come for ever: %s", async (_, more) => {
		expect(await quanta.deliver(thingSysops, "things", [await thing(more)])).toEqual({ acknowledged: [0], retried: [] });

		expect(receipts()).toMatchObject([{ receipts: [{ verdict: "rejected", reason: "schema" }] }]);
		expect(await things()).toEqual([]);
		expect(await rowsOf(env.SYSOPS_DB, "select * from quarantine")).toEqual([]);
	});

	it("is quarantined when not even its id can be read: nobody could be told", async () => {
		await quanta.deliver(thingSysops, "things", [await thing({ id: "evt_x" })]);

		expect(receipts()).toEqual([]);
		expect(await rowsOf(env.SYSOPS_DB, "select reason from quarantine")).toEqual([{ reason: "malformed" }]);
	});

	it("row 35: is accepted like any other once its customer is erased", async () => {
		await env.SYSOPS_DB.prepare("insert into erased_customers values (?, 0)").bind(customerId("00")).run();

		await quanta.deliver(thingSysops, "things", [await thing({ data: { thing: 1 } })]);

		expect(receipts()).toMatchObject([{ receipts: [{ verdict: "accepted" }] }]);
		expect(await things()).toEqual([]);
	});
});

it("what is reduced to the newest cannot be rejected by SQL: the newest might be the one that is rejected", () => {
	const both = { newestOf: () => "thing", rejectWhen: "'never'", effects: [] };
	expect(() => consumption("ThingHappened", both)).toThrow("ThingHappened");
});

it("a receipt whose effect the database refuses does not keep the others from being applied", async () => {
	await env.CUSTOMER_DB_00.prepare(
		`create trigger poison before insert on confirmations when new.thing = 'poison'
		begin select raise(abort, 'poison'); end`,
	).run();
	const ids: string[] = [];
	for (const thing of ["t1", "t2", "poison", "t3"]) ids.push(await happen(quanta.ctx("customer"), { thing }, { send: false }));
	const receipts = await Promise.all(ids.map((id) => receiptsFrom(quanta.ctx("sysops"), [id])));

	const delivery = await quanta.deliver(thingCustomer, "receipts-customer", receipts);

	const left = await rowsOf(env.CUSTOMER_DB_00, "select event_id as id from outbox where destination = 'sysops'");
	expect(left).toEqual([{ id: ids[2] }]);
	expect(delivery).toEqual({ acknowledged: [0, 1, 3], retried: [2] });
});

it("rows that were sent again together come again at times of their own", async () => {
	for (let i = 0; i < 20; i++) await happen(quanta.ctx("customer"), { thing: `t${i}` }, { send: false });
	await env.CUSTOMER_DB_00.prepare("insert into destinations values ('sysops', ?, null)").bind(quanta.now).run();
	quanta.now += 3 * minutes;

	await relay(quanta.ctx("customer"));

	const due = "select distinct next_attempt_at as due from outbox where destination = 'sysops' and attempts = 1";
	const times = (await rowsOf<{ due: number }>(env.CUSTOMER_DB_00, due)).map((row) => row.due - quanta.now);
	expect(times.length).toBeGreaterThan(5);
	expect(Math.min(...times)).toBeGreaterThanOrEqual(0.75 * 4 * minutes);
	expect(Math.max(...times)).toBeLessThanOrEqual(1.25 * 4 * minutes);
});
