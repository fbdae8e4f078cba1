import {
	createExecutionContext,
	createScheduledController,
	reset,
	runDurableObjectAlarm,
	runInDurableObject,
	waitOnExecutionContext,
} from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { relayCron } from "../../../shared/messaging/schedule.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { givenDelivery, receiptOf } from "../../../shared/testing/deliveries.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { readMessage } from "../../../shared/testing/forge.ts";
import { batchOf } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { minutes } from "../../../shared/time.ts";
import worker from "../index.ts";

const database = env.BILLING_DB_00;
const namespace = env.INVOICE_DELIVERY as unknown as DurableObjectNamespace; // a class without RPC
const objectOf = (invoiceId: string) => namespace.get(namespace.idFromName(invoiceId));
const unreachable = {
	...env,
	INVOICE_DELIVERY: {
		idFromName: (name: string) => name,
		get: () => {
			throw new Error("away");
		},
	},
};

let log: string[];
let sent: string[];
beforeEach(async () => {
	await migrateDatabases();
	[log, sent] = [[], []];
	vi.spyOn(console, "log").mockImplementation((line) => void log.push(String(line)));
	vi.spyOn(env.INVOICES, "sendBatch").mockImplementation(async (messages) => {
		for (const { body } of messages) sent.push(String(body));
		return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
	});
});
afterEach(async () => {
	vi.restoreAllMocks();
	await reset();
});

async function sweep(bindings: object = env): Promise<void> {
	const execution = createExecutionContext();
	await worker.scheduled(createScheduledController({ cron: relayCron }), bindings as BillingBindings, execution);
	await waitOnExecutionContext(execution);
}
async function receive(receipts: readonly string[], bindings: object = env): Promise<void> {
	const execution = createExecutionContext();
	await worker.queue(batchOf("receipts-billing", receipts), bindings as BillingBindings, execution);
	await waitOnExecutionContext(execution);
}
const logged = (level: string) =>
	log
		.map((line) => JSON.parse(line))
		.filter((entry) => entry.level === level)
		.map(({ message, source, reason, eventId }) => ({ message, source, reason, eventId }));
const state = (invoiceId: string) =>
	rowsOf(
		database,
		"select delivered_at is not null as delivered, rejected_reason as rejected from deliveries where invoice_id = ?",
		invoiceId,
	);
const isAtWork = (invoiceId: string) =>
	runInDurableObject(objectOf(invoiceId), async (_, { storage }) => {
		const [list, alarm] = [await storage.list(), await storage.getAlarm()];
		expect(list.size > 0, "storage without an alarm, or an alarm without storage").toBe(alarm !== null);
		return alarm !== null;
	});

describe("an invoice", () => {
	it("goes its way: swept, sent, confirmed, and nothing is left of its object", async () => {
		const { invoiceId, eventId } = await givenDelivery(database);
		await sweep();
		await runDurableObjectAlarm(objectOf(invoiceId));
		expect(sent.map((token) => readMessage(token).event["id"])).toEqual([eventId]);

		await receive([await receiptOf([eventId])]);
		expect(await state(invoiceId)).toEqual([{ delivered: 1, rejected: null }]);
		expect(await isAtWork(invoiceId)).toBe(false);
		expect(logged("alarm")).toEqual([]);
	});

	it("that is confirmed before its first attempt is not sent again, and confirmed again it changes nothing", async () => {
		const { invoiceId, eventId } = await givenDelivery(database);
		await sweep();
		await receive([await receiptOf([eventId])]);
		const at = await rowsOf(database, "select delivered_at from deliveries");
		await receive([await receiptOf([eventId]), await receiptOf([eventId], "schema")]);
		expect(await rowsOf(database, "select delivered_at from deliveries")).toEqual(at);
		expect(await state(invoiceId)).toEqual([{ delivered: 1, rejected: null }]);
		expect([sent, logged("alarm")]).toEqual([[], []]);
	});

	it("that is rejected is parked with an alarm, once, and its object ends; accepted later it has arrived", async () => {
		const { invoiceId, eventId } = await givenDelivery(database);
		await sweep();
		for (let i = 0; i < 2; i++) await receive([await receiptOf([eventId], "schema")]);
		expect(await state(invoiceId)).toEqual([{ delivered: 0, rejected: "schema" }]);
		expect(await isAtWork(invoiceId)).toBe(false);
		expect(logged("alarm")).toEqual([{ message: "event_parked", reason: "schema", eventId }]);
		await sweep();
		expect(await isAtWork(invoiceId)).toBe(false);

		await receive([await receiptOf([eventId])]);
		expect(await state(invoiceId)).toEqual([{ delivered: 1, rejected: null }]);
	});

	it("row 33: a receipt of somebody to whom it was not sent is ignored with an alarm", async () => {
		const { invoiceId, eventId } = await givenDelivery(database);
		await receive([await receiptOf([eventId], undefined, "analytics"), await receiptOf([eventId], "no", "analytics")]);
		expect(await state(invoiceId)).toEqual([{ delivered: 0, rejected: null }]);
		const stranger = { message: "receipt_from_stranger", source: "analytics", eventId };
		expect(logged("alarm")).toEqual([stranger, stranger]);
	});

	it("whose object cannot be told of its receipt ends at its next attempt, without sending", async () => {
		const { invoiceId, eventId } = await givenDelivery(database);
		await sweep();
		await receive([await receiptOf([eventId])], unreachable);
		expect(logged("warn")).toMatchObject([{ message: "receipts_not_followed" }]);
		expect(await isAtWork(invoiceId)).toBe(true);

		await runDurableObjectAlarm(objectOf(invoiceId));
		expect(await isAtWork(invoiceId)).toBe(false);
		expect(sent).toEqual([]);
	});

	it("is confirmed beside others, in one batch: of the outbox, of another shard, and of nobody", async () => {
		const one = await givenDelivery(database);
		const other = await givenDelivery(env.BILLING_DB_01, { invoiceId: newId("inv", "01") });
		const inOutbox = newId("evt", "00");
		await database
			.prepare("insert into outbox values (?, 'customer', 'CardVerified', '{}', 0, 1, 9e15, null, 1, null)")
			.bind(inOutbox)
			.run();
		await receive([await receiptOf([one.eventId, inOutbox, newId("evt", "00"), other.eventId])]);
		expect(await state(one.invoiceId)).toEqual([{ delivered: 1, rejected: null }]);
		expect(await rowsOf(env.BILLING_DB_01, "select delivered_at is not null as delivered from deliveries")).toEqual([
			{ delivered: 1 },
		]);
		expect(await rowsOf(database, "select event_id from outbox")).toEqual([]);
		expect(logged("alarm")).toEqual([]);
	});
});

describe("the sweeper", () => {
	it("looks after what nobody has looked at for ten minutes, and has not arrived; the longest first, a page of 100 a shard", async () => {
		const now = Date.now();
		const fresh = await givenDelivery(database, { checkedAt: now - 9 * minutes });
		const old = await givenDelivery(database, { number: 2, checkedAt: now - 11 * minutes });
		const rejected = await givenDelivery(database, { number: 3, rejectedReason: "schema" });
		const delivered = await givenDelivery(database, { number: 4 });
		await database.prepare("update deliveries set delivered_at = 1 where invoice_id = ?").bind(delivered.invoiceId).run();
		const elsewhere = await givenDelivery(env.BILLING_DB_01, { invoiceId: newId("inv", "01") });
		await sweep();
		const all = [fresh, old, rejected, delivered, elsewhere];
		const atWork: boolean[] = [];
		for (const { invoiceId } of all) atWork.push(await isAtWork(invoiceId));
		expect(atWork).toEqual([false, true, false, false, true]);

		for (let i = 0; i < 101; i++) await givenDelivery(database, { number: 10 + i, checkedAt: i === 50 ? 2 : 1 });
		await sweep();
		expect(await rowsOf(database, "select checked_at from deliveries where checked_at < 10")).toEqual([{ checked_at: 2 }]);
	});

	it("comes again after ten minutes for an object that it could not reach, and the failure stops nothing else", async () => {
		const { invoiceId } = await givenDelivery(database);
		await sweep(unreachable);
		expect(logged("warn")).toMatchObject([{ message: "delivery_not_ensured" }]);
		expect(logged("alarm")).toEqual([]);
		await sweep();
		expect(await isAtWork(invoiceId)).toBe(false);
		await database.prepare("update deliveries set checked_at = checked_at - 600000").run();
		await sweep();
		expect(await isAtWork(invoiceId)).toBe(true);
	});

	it("serves the other shards while one does not answer", async () => {
		const { invoiceId } = await givenDelivery(env.BILLING_DB_01, { invoiceId: newId("inv", "01") });
		await sweep({
			...env,
			BILLING_DB_00: {
				prepare: () => {
					throw new Error("away");
				},
			},
		});
		expect(await isAtWork(invoiceId)).toBe(true);
	});
});

describe("a billing database that is put back to an older time", () => {
	it("before a receipt: the invoice is sent again, and the receipt of that ends it", async () => {
		const { invoiceId, eventId } = await givenDelivery(database);
		await sweep();
		await receive([await receiptOf([eventId])]);
		await database.prepare("update deliveries set delivered_at = null, checked_at = created_at").run();

		await sweep();
		await runDurableObjectAlarm(objectOf(invoiceId));
		expect(sent.map((token) => readMessage(token).event["id"])).toEqual([eventId]);
		await receive([await receiptOf([eventId])]);
		expect(await isAtWork(invoiceId)).toBe(false);
	});

	it("before an invoice: its object ends, and comes back with the invoice when that is issued again", async () => {
		const { invoiceId } = await givenDelivery(database);
		await sweep();
		await database.batch([database.prepare("delete from deliveries"), database.prepare("delete from invoices")]);
		await runDurableObjectAlarm(objectOf(invoiceId));
		expect(sent).toEqual([]);
		expect(await isAtWork(invoiceId)).toBe(false);

		await givenDelivery(database, { invoiceId });
		await sweep();
		await runDurableObjectAlarm(objectOf(invoiceId));
		expect(sent).toHaveLength(1);
	});
});

it("healthz says how many invoices have not arrived, since when, and how many were rejected", async () => {
	const health = async () => {
		const answer = await exports.default.fetch(new Request("https://billing.test/healthz"));
		const { shards }: { shards: object[] } = await answer.json();
		return shards;
	};
	expect(await health()).toMatchObject([{ undelivered: 0, undeliveredSeconds: null, rejectedDeliveries: 0 }, {}]);
	await givenDelivery(database, { createdAt: Date.now() - 90_000 });
	await givenDelivery(database, { number: 2, createdAt: Date.now() - 30_000 });
	await givenDelivery(database, { number: 3, rejectedReason: "schema", createdAt: 1 });
	const [first, second] = await health();
	expect(first).toMatchObject({ shard: "00", undelivered: 2, rejectedDeliveries: 1 });
	expect(first).toHaveProperty(
		"undeliveredSeconds",
		expect.toSatisfy((s) => Number.isInteger(s) && s >= 90 && s < 120),
	);
	expect(second).toMatchObject({ shard: "01", undelivered: 0 });
});
