import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { givenDelivery } from "../../../shared/testing/deliveries.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { hours, minutes } from "../../../shared/time.ts";
import { call } from "./durable.ts";
import { InvoiceDelivery } from "./invoice-delivery.ts";
import { type InvoiceDeliveryApi, objectDeliveries } from "./object-deliveries.ts";

const namespace: DurableObjectNamespace = env.INVOICE_DELIVERY as unknown as DurableObjectNamespace; // a class without RPC
const objects = objectDeliveries(namespace);
const objectOf = (invoiceId: string) => namespace.get(namespace.idFromName(invoiceId));

beforeAll(migrateDatabases);
afterEach(() => {
	vi.restoreAllMocks();
});

let number = 0;
async function issued(invoiceId = newId("inv", "00")): Promise<string> {
	number += 1;
	await givenDelivery(env.BILLING_DB_00, { invoiceId, number });
	return invoiceId;
}
const arrived = (invoiceId: string) =>
	env.BILLING_DB_00.prepare("update deliveries set delivered_at = 1 where invoice_id = ?").bind(invoiceId).run();

/** What is in the object's storage, and its alarm. */
const kept = (invoiceId: string) =>
	runInDurableObject(objectOf(invoiceId), async (_, { storage }) => ({
		data: [...(await storage.list())],
		alarm: await storage.getAlarm(),
	}));
const nothing = { data: [], alarm: null };
const queue = () => vi.spyOn(env.INVOICES, "sendBatch");

describe("the object of an invoice", () => {
	it("sends it by itself when its alarm is due, and has the next one armed", async () => {
		const sent = queue();
		const invoiceId = await issued(`${newId("inv", "00").slice(0, -4)}0000`); // the first of those that are spread
		await objects.ensure(invoiceId);
		await vi.waitFor(() => expect(sent).toHaveBeenCalledTimes(1), 10_000);

		const { data, alarm } = await kept(invoiceId);
		expect(data).toEqual([["data", { invoiceId, attempts: 1, intoSilence: false }]]);
		expect(Number(alarm) - Date.now()).toBeGreaterThan(3 * minutes);
		expect(Number(alarm) - Date.now()).toBeLessThan(7 * minutes);
	});

	it("leaves nothing behind when it has arrived", async () => {
		const invoiceId = await issued();
		await objects.ensure(invoiceId);
		await objects.delivered(invoiceId); // nobody has told D1
		expect((await kept(invoiceId)).alarm).not.toBeNull();

		await arrived(invoiceId);
		await objects.delivered(invoiceId);
		expect(await kept(invoiceId)).toEqual(nothing);
		await objects.delivered(invoiceId);
		expect(await kept(invoiceId)).toEqual(nothing);
	});

	it("is asked twice at once, and has one alarm and no attempt more", async () => {
		const invoiceId = await issued();
		await Promise.all([objects.ensure(invoiceId), objects.ensure(invoiceId)]);
		const { alarm } = await kept(invoiceId);
		await objects.ensure(invoiceId);
		expect(await kept(invoiceId)).toEqual({ data: [["data", { invoiceId, attempts: 0, intoSilence: false }]], alarm });
	});

	it("row 22: under a name that D1 does not know it ends by itself, sends nothing and leaves nothing", async () => {
		const sent = queue();
		for (const name of [newId("inv", "00"), newId("inv", "7f"), "inv_none"]) {
			await objects.ensure(name);
			expect(await runDurableObjectAlarm(objectOf(name))).toBe(true);
			expect(await kept(name)).toEqual(nothing);
		}
		expect(sent).not.toHaveBeenCalled();
	});
});

describe("what itty-durable does, and does not do here", () => {
	it("its package entry does not even load: only the two files that are imported do", async () => {
		await expect(import("itty-durable")).rejects.toThrow(SyntaxError);
	});

	it("it loads its state for requests only: an alarm that wakes the object knows all the same what to deliver", async () => {
		const sent = queue();
		const invoiceId = await issued();
		await objects.ensure(invoiceId);
		await evictDurableObject(objectOf(invoiceId));

		expect(await runDurableObjectAlarm(objectOf(invoiceId))).toBe(true);
		expect(sent).toHaveBeenCalledTimes(1);
	});

	it("it keeps the fields of what it has destroyed: an object that has ended in an alarm begins anew", async () => {
		const invoiceId = newId("inv", "00");
		await objects.ensure(invoiceId);
		await evictDurableObject(objectOf(invoiceId));
		await runDurableObjectAlarm(objectOf(invoiceId));
		await issued(invoiceId);
		await objects.ensure(invoiceId);
		expect((await kept(invoiceId)).data).toEqual([["data", { invoiceId, attempts: 0, intoSilence: false }]]);
	});

	it("it would confirm what it could not save: a save that fails is told, and nothing is kept that was not asked for", async () => {
		const invoiceId = await issued();
		await runInDurableObject(objectOf(invoiceId), (_, { storage }) => {
			vi.spyOn(storage, "put").mockRejectedValueOnce(new Error("the disk is full"));
		});
		await expect(objects.ensure(invoiceId)).rejects.toThrow();

		const other = await issued();
		await objects.ensure(other);
		await runInDurableObject(objectOf(other), (object) => {
			(object as InvoiceDelivery).attempts = 7;
		});
		await objects.delivered(other); // D1 does not say so: nothing happens
		expect((await kept(other)).data).toMatchObject([["data", { attempts: 0 }]]);
	});

	it("an alarm that sets itself to the present may stall: here it is set well ahead", async () => {
		const invoiceId = await issued();
		await objects.ensure(invoiceId);
		const ahead = vi.fn<(milliseconds: number) => void>();
		await runInDurableObject(objectOf(invoiceId), (_, { storage }) => {
			const setAlarm = storage.setAlarm.bind(storage);
			vi.spyOn(storage, "setAlarm").mockImplementation((at) => {
				ahead(Number(at) - Date.now());
				return setAlarm(at);
			});
		});
		for (let i = 1; i <= 3; i++) await runDurableObjectAlarm(objectOf(invoiceId));

		expect(ahead).toHaveBeenCalledTimes(3);
		expect(Math.min(...ahead.mock.calls.flat())).toBeGreaterThan(3 * minutes);
	});

	it("it breaks over a variable that is null and a binding named `storage`: here it never sees the environment", async () => {
		const invoiceId = await issued();
		await runInDurableObject(objectOf(invoiceId), async (_, state) => {
			const bindings = { ...env, NOTHING: null, storage: { get: () => Promise.reject(new Error("not the storage")) } };
			const object = new InvoiceDelivery(state, bindings);
			expect(await object.ensure(invoiceId)).toBe(true);
			expect(JSON.stringify(await state.storage.get("data"))).toBe(
				JSON.stringify({ invoiceId, attempts: 0, intoSilence: false }),
			);
		});
	});

	it("it sends arguments in a header, where not every text can stand: what is asked takes an id and nothing else", async () => {
		const invoiceId = await issued();
		const ask = (id: string) => call<InvoiceDeliveryApi, "ensure">(namespace, invoiceId, "ensure", id);
		for (const id of ["☃", "a text", `${invoiceId}\n`, ""]) await expect(ask(id)).rejects.toThrow("takes an id");
		// @ts-expect-error: an object is no id
		await expect(ask({ invoiceId })).rejects.toThrow("takes an id");
		expect(await kept(invoiceId)).toEqual(nothing);
		expect(await ask(invoiceId)).toBe(true);
	});

	it("it gives a Response for a method that returns nothing, and a proxy that is awaited never comes: a call gives a value", async () => {
		const invoiceId = await issued();
		for (const method of ["ensure", "delivered"] as const) {
			expect(await call<InvoiceDeliveryApi, typeof method>(namespace, invoiceId, method, invoiceId)).toBe(true);
		}
	});

	it.each([
		"call/destroy",
		"call/persist",
		"call/setAlarm",
		"call/deleteAlarm",
		"call/reset",
		"call/alarm",
		"call/toJSON",
		"call/constructor",
		"call/ensure/more",
		"set/invoiceId",
		"set/ensure",
		"get-prop/invoiceId",
		"get-prop/ensure",
		"",
	])("it lets everything through, as /do/%s: here the two methods only", async (path) => {
		const invoiceId = await issued();
		await objects.ensure(invoiceId);
		const before = await kept(invoiceId);

		const headers = { "do-content": JSON.stringify([Date.now() + 9 * hours]) };
		const answer = await objectOf(invoiceId).fetch(`https://object.test/do/${path}`, { headers });

		expect(answer.status).toBe(404);
		expect(await kept(invoiceId)).toEqual(before);
	});

	it("the platform gives up what throws in seven alarms: an object that fails in every one goes on and delivers in the end", async () => {
		const invoiceId = await issued();
		await objects.ensure(invoiceId);
		const sent = queue().mockRejectedValue(new Error("the queue takes nothing"));
		for (let i = 1; i <= 10; i++) {
			expect(await runDurableObjectAlarm(objectOf(invoiceId))).toBe(true);
			expect(sent).toHaveBeenCalledTimes(i);
			if (i % 3 === 0) await evictDurableObject(objectOf(invoiceId));
		}
		const { data, alarm } = await kept(invoiceId);
		expect(data).toMatchObject([["data", { attempts: 10 }]]);
		expect(alarm).toBeGreaterThan(Date.now() + 4 * hours);

		sent.mockResolvedValue({ metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } });
		expect(await runDurableObjectAlarm(objectOf(invoiceId))).toBe(true);
		expect(sent).toHaveBeenCalledTimes(11);
	});
});
