import { createExecutionContext, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, it, vi } from "vitest";
import { fill } from "../../../shared/testing/backlog.ts";
import { CostSheet, costsOf } from "../../../shared/testing/counting.ts";
import { givenDelivery, receiptOf } from "../../../shared/testing/deliveries.ts";
import { batchOf } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { accessToken, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";
import { billingCtx } from "../context.ts";
import worker from "../index.ts";
import { ensureDeliveries } from "../invoices/issue.ts";
import { sweepDeliveries } from "./sweep-deliveries.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const database = env.BILLING_DB_00;
/** Ids as they come, but the same in every run. */
const idAt = (at: number) => `inv_00${`${at}`.padStart(26, "0")}`;
const namespace = env.INVOICE_DELIVERY as unknown as DurableObjectNamespace; // a class without RPC
const objectOf = (invoiceId: string) => namespace.get(namespace.idFromName(invoiceId));

beforeAll(async () => {
	await migrateDatabases();
	await database.prepare("insert into staff values (?, 'helpdesk')").bind(staffEmail).run();
});

const sweep = (counted: Cloudflare.Env, execution: ExecutionContext) => sweepDeliveries(billingCtx(counted, execution));
const receive = (receipt: string) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.queue(batchOf("receipts-billing", [receipt]), counted, execution);

/** 100,000 deliveries: most have arrived, 2,000 wait, a thousand were rejected long ago. */
async function givenMany(): Promise<void> {
	const now = Date.now();
	const invoiceId = "printf('inv_00%026d', 1000 + i)";
	await fill(database, "invoices", 100_000, {
		invoice_id: invoiceId,
		kind: "'invoice'",
		number: "1000 + i",
		customer_id: "'cus_00'",
		issued_at: "i",
		payment_id: "printf('att_00%026d', 1000 + i)",
		currency: "'EUR'",
		total_minor: 1990,
		document: "'{}'",
		run: "''",
	});
	await fill(database, "deliveries", 100_000, {
		invoice_id: invoiceId,
		event_id: "printf('evt_00%026d', 1000 + i)",
		created_at: "i",
		checked_at: `iif(i > 1000, ${now} - i, i)`,
		delivered_at: "iif(i > 3000, i, null)",
		rejected_reason: "iif(i <= 1000, 'schema', null)",
	});
}

it("one invoice on its good way: three calls of its object, two of them by us, and nothing left", async () => {
	await givenDelivery(database, { invoiceId: idAt(1) });
	const writes = { put: 0, setAlarm: 0, deleteAll: 0 };
	await runInDurableObject(objectOf(idAt(1)), (_, { storage }) => {
		for (const name of ["put", "setAlarm", "deleteAll"] as const) {
			const real = storage[name].bind(storage) as (...args: unknown[]) => Promise<void>;
			vi.spyOn(storage, name).mockImplementation((...args: unknown[]) => {
				writes[name] += 1;
				return real(...args);
			});
		}
	});

	const ensure = (counted: Cloudflare.Env, execution: ExecutionContext) =>
		ensureDeliveries(billingCtx(counted, execution), [idAt(1)]);
	const begun = await sheet.line("an invoice: ensure after its commit", ensure);
	const again = await sheet.line("the same again", ensure);
	expect(writes).toEqual({ put: 1, setAlarm: 1, deleteAll: 0 });
	const [asked, sent] = [vi.spyOn(database, "prepare"), vi.spyOn(env.INVOICES, "sendBatch")];
	await runDurableObjectAlarm(objectOf(idAt(1)));
	expect([asked.mock.calls.length, sent.mock.calls.length]).toEqual([1, 1]);
	asked.mockRestore();
	sent.mockRestore();
	expect(writes).toEqual({ put: 2, setAlarm: 2, deleteAll: 0 });
	const receipt = await receiptOf([idAt(1).replace("inv_", "evt_")]);
	const confirmed = await sheet.line("its receipt", receive(receipt));
	expect(writes).toEqual({ put: 2, setAlarm: 2, deleteAll: 1 });
	const repeated = await sheet.line("its receipt, repeated", receive(receipt));
	expect(writes).toEqual({ put: 2, setAlarm: 2, deleteAll: 1 });

	// `idFromName`, `get`
	expect([begun, again, confirmed, repeated].map(({ otherCalls }) => otherCalls)).toEqual([2, 2, 2, 0]);
	expect([begun, again].map(({ d1Calls }) => d1Calls)).toEqual([0, 0]);
});

it("sweeper, receipts and list read no more among 100,000 deliveries than among few", async () => {
	serveCerts();
	const headers = { "cf-access-jwt-assertion": await accessToken() };
	const list = async (counted: Cloudflare.Env, execution: ExecutionContext) => {
		serveCerts();
		const request = new Request("https://billing.test/api/v1/deliveries", { headers });
		expect((await worker.fetch(request, counted, execution)).status).toBe(200);
	};
	await list(env, createExecutionContext()); // Access's keys are read once an isolate
	const idle = await sheet.line("sweeper, nothing to do", sweep);
	await givenMany();

	const still = await sheet.line("the same among 100,000 deliveries, 2,000 of them under way", sweep);
	expect(still.rowsRead - idle.rowsRead).toBeLessThan(4);

	await database.prepare("update deliveries set checked_at = checked_at - 3600000 where delivered_at is null").run();
	const page = await sheet.line("the same, when they were not looked at for long: a page", sweep);
	expect(page).toMatchObject({ d1Calls: 2, otherCalls: 2 * 100 });
	expect(page.rowsRead).toBeLessThan(100 * 6);

	const ids = Array.from({ length: 100 }, (_, i) => idAt(3001 + i).replace("inv_", "evt_"));
	const confirmed = await sheet.line("100 receipts in one message", receive(await receiptOf(ids)));
	expect(confirmed.d1Calls).toBe(1);
	expect(confirmed.rowsRead).toBeLessThan(100 * 14);

	const listed = await sheet.line("GET deliveries, a page of 20", list);
	expect(listed.rowsRead).toBeLessThan(20 * 4 + 10);

	const health = await costsOf(env, (counted, execution) =>
		worker.fetch(new Request("https://billing.test/healthz"), counted, execution),
	);
	expect(health.rowsRead).toBeLessThan(6000);
});

it("costs what test/costs/deliveries.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("delivery of the billing")).toMatchFileSnapshot("../../../test/costs/deliveries.md");
});
