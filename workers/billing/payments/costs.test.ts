import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { fill } from "../../../shared/testing/backlog.ts";
import { CostSheet } from "../../../shared/testing/counting.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { givenVersion } from "../../../shared/testing/replica.ts";
import { accessToken, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";
import { days, hours } from "../../../shared/time.ts";
import { app } from "../app.ts";
import { type BillingCtx, billingCtx } from "../context.ts";
import { startCharges } from "./schedule.ts";
import { Provider } from "./test-bench.ts";
import { workCharges } from "./work-charges.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const now = Date.UTC(2026, 10, 20, 12);
const [first, charged] = [now - 25 * hours, now - 1 * hours];
const customerId = "printf('cus_00%026d', i)";
const contractId = `ctr_00${"0".repeat(26)}`;
const customers = Array.from({ length: 50 }, (_, i) => `cus_00${`${i + 1}`.padStart(26, "0")}`);
const message = JSON.stringify({ periods: customers.map((id) => ({ customerId: id, fromAt: first })) });

/** 100,000 customers with a period to come and 20,000 of them with what they had before; the first 50 are due. */
beforeAll(async () => {
	await migrateDatabases();
	const database = env.BILLING_DB_00;
	await givenVersion(database, { contractId });
	const phases = JSON.stringify([{ from: first, lines: [{ contractId, contractVersion: 1 }] }]);
	const period = { customer_id: customerId, starts_at: first, period_index: 0 };
	const dueAt = `iif(i <= 50, ${charged}, ${now + days} + i)`;
	await fill(database, "periods", 100_000, { ...period, from_at: first, state: "'due'", attempt_at: dueAt, look_at: dueAt });
	const paid = { state: "'paid'", attempt_id: "printf('att_00%026d', i)" };
	await fill(database, "periods", 20_000, { ...period, starts_at: 1, from_at: 1, ...paid });
	await fill(database, "periods", 20_000, { ...period, from_at: 2, state: "'parked'" });
	await fill(database, "subscriptions", 20_000, { customer_id: customerId, starts_at: first, version: 1, phases: `'${phases}'` });
	await fill(database, "customers", 20_000, {
		customer_id: customerId,
		version: 1,
		email: "'ada@example.test'",
		language: "'en'",
	});
	const attempt = { attempt_id: "printf('att_00%026d', i)", customer_id: customerId, from_at: 1, number: 1, started_at: 1 };
	const bill = { total_minor: 1, currency: "'EUR'", bill: "'{}'", started_run: "''" };
	await fill(database, "attempts", 20_000, { ...attempt, ...bill, state: "'approved'" });
	const adjustment = { payment_id: "printf('att_00%026d', i)", customer_id: "'cus_other'", from_at: "i", amount_minor: 1 };
	await fill(database, "adjustments", 20_000, adjustment);
	const card = { card_id: "printf('crd_00%026d', i)", customer_id: customerId };
	const shown = { state: "'verified'", accepted_at: 1, changed_at: 1, brand: "'visa'", last4: "'1111'" };
	await fill(database, "cards", 20_000, { ...card, ...shown });
	const invoice = {
		invoice_id: "printf('inv_00%026d', i)",
		kind: "'invoice'",
		number: "i",
		customer_id: customerId,
		issued_at: "i",
	};
	const paidBy = { payment_id: "printf('att_00%026d', i)", currency: "'EUR'", total_minor: 1, document: "'{}'", run: "''" };
	await fill(database, "invoices", 20_000, { ...invoice, ...paidBy });
	await database.prepare("insert into series values ('invoice', 20000), ('credit_note', 0)").run();
	const { vault } = ctxOf(env, { waitUntil() {} });
	const sealed = customers.map(async (id) => {
		const cardId = id.replace("cus", "crd");
		const seal = await vault.seal({ token: "a token", expMonth: 8, expYear: 2099 }, { cardId, customerId: id });
		return { cardId, customerId: id, ...seal };
	});
	const text = `insert into vault (card_id, customer_id, kek_id, wrapped_key, sealed_card, sealed_at)
		select value->>'$.cardId', value->>'$.customerId', value->>'$.kekId', value->>'$.wrappedKey', value->>'$.sealedCard', 1
		from json_each(?)`;
	await database
		.prepare(text)
		.bind(JSON.stringify(await Promise.all(sealed)))
		.run();
}, 120_000);

function ctxOf(counted: Cloudflare.Env, execution: Pick<ExecutionContext, "waitUntil">): BillingCtx {
	const deliveries = { ensure: async () => {}, delivered: async () => {} };
	return Object.assign(billingCtx(counted, execution), { now: () => now, payments: new Provider(), deliveries });
}
const start = (counted: Cloudflare.Env, execution: ExecutionContext) => startCharges(ctxOf(counted, execution));
const work = (counted: Cloudflare.Env, execution: ExecutionContext) => workCharges(ctxOf(counted, execution), message);

it("claiming among 100,000 periods reads and writes those that are due, in one call a shard", async () => {
	const due = await sheet.line("Cron of payments, 100,000 periods, 50 due", start);
	const none = await sheet.line("the same, none due", start);

	expect(due).toMatchObject({ d1Calls: 2, sends: 1, messages: 1 });
	expect(due.rowsWritten).toBeLessThanOrEqual(50 * 3);
	expect(due.rowsRead).toBeLessThanOrEqual(50 * 6);
	expect(none).toMatchObject({ d1Calls: 2, sends: 0, rowsWritten: 0 });
	expect(none.rowsRead).toBeLessThan(10);
});

it("50 periods are charged by three batches, however much there is beside them", async () => {
	const costs = await sheet.line("50 periods, charged", work);
	const repeated = await sheet.line("the same message again", work);

	expect(await rowsOf(env.BILLING_DB_00, "select count(*) as paid from periods where state = 'paid' and from_at > 1")).toEqual([
		{ paid: 50 },
	]);
	expect(costs).toMatchObject({ d1Calls: 3, sends: 1, messages: 50 });
	expect(costs.rowsRead).toBeLessThan(50 * 120);
	expect(repeated).toMatchObject({ sends: 0, rowsWritten: 0 });
	expect(repeated.rowsRead).toBeLessThan(50 * 60);
});

it("what the staff reads are pages", async () => {
	serveCerts();
	await env.BILLING_DB_00.prepare("insert into staff values (?, 'helpdesk')").bind(staffEmail).run();
	const headers = { "cf-access-jwt-assertion": await accessToken(), "content-type": "application/json" };
	const ask =
		(path: string, method = "GET") =>
		async (counted: Cloudflare.Env, execution: ExecutionContext) => {
			const init = { method, headers, ...(method === "GET" ? {} : { body: "{}" }) };
			const answer = await app.fetch(new Request(`https://billing.test/api/v1/${path}`, init), counted, execution);
			expect(answer.status, await answer.clone().text()).toBe(200);
		};
	await ask("periods")(env, { waitUntil() {}, passThroughOnException() {} } as unknown as ExecutionContext); // Access's keys are read once an isolate
	const from = new Date(2).toISOString();

	const list = await sheet.line("GET periods", ask("periods?state=parked&limit=20"));
	const ofCustomer = await sheet.line("GET customers/{id}/periods", ask(`customers/${customers[10]}/periods`));
	const retried = await sheet.line("POST periods/{id}/{from}/retry", ask(`periods/${customers[10]}/${from}/retry`, "POST"));

	expect(list).toMatchObject({ d1Calls: 3, rowsWritten: 0 });
	expect(list.rowsRead).toBeLessThan(30);
	expect(ofCustomer.rowsRead).toBeLessThan(30);
	expect(retried).toMatchObject({ d1Calls: 2 });
	expect(retried.rowsRead).toBeLessThan(30);
});

it("costs what test/costs/payments.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("payments of the billing")).toMatchFileSnapshot("../../../test/costs/payments.md");
});
