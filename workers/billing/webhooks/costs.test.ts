import { env } from "cloudflare:workers";
import Stripe from "stripe";
import { beforeAll, expect, it } from "vitest";
import { prepare } from "../../../shared/sql.ts";
import { fill } from "../../../shared/testing/backlog.ts";
import { CostSheet, costsOf } from "../../../shared/testing/counting.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days } from "../../../shared/time.ts";
import worker from "../index.ts";
import { wakeAttempt } from "./store.ts";

const sheet = new CostSheet<Cloudflare.Env>({ ...env, PAYMENT_PROVIDER: "stripe", PAYMENT_KEY: "sk_test_fake" });
const idOf = (prefix: string, i: number) => `${prefix}_00${String(i).padStart(26, "0")}`;

/** 100,000 periods that are paid, and of each an attempt; refunds that were given. */
beforeAll(async () => {
	await migrateDatabases();
	const each = { customer_id: "printf('cus_00%026d', i)", from_at: 7 };
	await fill(env.BILLING_DB_00, "periods", 100_000, { ...each, starts_at: 7, period_index: 0, state: "'paid'" });
	await fill(env.BILLING_DB_00, "attempts", 100_000, {
		...each,
		attempt_id: "printf('att_00%026d', i)",
		number: 1,
		state: "iif(i = 50000, 'unknown', 'approved')",
		started_at: 5,
		total_minor: 500,
		currency: "'EUR'",
		bill: "'{}'",
		started_run: "''",
	});
	await fill(env.BILLING_DB_00, "refunds", 10_000, {
		refund_id: "printf('rfd_00%026d', i)",
		customer_id: "printf('cus_00%026d', i)",
		attempt_id: "printf('att_00%026d', i)",
		state: "'refunded'",
		requested_at: 5,
		requested_by: "''",
		reason: "''",
		net_minor: 500,
		tax_minor: 0,
		currency: "'EUR'",
		request_digest: "''",
	});
	await env.BILLING_DB_00.prepare("update periods set state = 'due', look_at = ? where customer_id = ?")
		.bind(Date.now() + days, idOf("cus", 50_000))
		.run();
});

const webhook = (metadata: object) => async (counted: Cloudflare.Env, execution: ExecutionContext) => {
	const body = JSON.stringify({ type: "of_any_type", data: { object: { metadata } } });
	const signature = await Stripe.webhooks.generateTestHeaderStringAsync({
		payload: body,
		secret: env.PAYMENT_WEBHOOK_KEY,
		cryptoProvider: Stripe.createSubtleCryptoProvider(),
	});
	const request = new Request("https://billing.test/webhooks/stripe", {
		method: "POST",
		headers: { "stripe-signature": signature },
		body,
	});
	expect((await worker.fetch(request, counted, execution)).status).toBe(200);
};

it("costs one statement by keys, among 100,000 attempts, and nothing when it names none", async () => {
	const settled = await sheet.line("Webhook, of an attempt that is settled", webhook({ attemptId: idOf("att", 40_000) }));
	const refunded = await sheet.line("Webhook, of a refund that is settled", webhook({ refundId: idOf("rfd", 4_000) }));
	const noId = await costsOf({ ...env, PAYMENT_PROVIDER: "stripe" }, webhook({ attemptId: "att_00", refundId: "rfd_00'" }));
	const nothing = await sheet.line("Webhook, of nothing of ours", webhook({}));

	expect(settled).toMatchObject({ d1Calls: 1, statements: 1, rowsWritten: 0, sends: 0, otherCalls: 0 });
	expect(refunded).toMatchObject({ d1Calls: 1, statements: 1, rowsWritten: 0, sends: 0, otherCalls: 0 });
	expect([noId.d1Calls, nothing.d1Calls]).toEqual([0, 0]);
	for (const { rowsRead } of [settled, refunded]) expect(rowsRead).toBeLessThan(5);
});

it("reads a few rows to wake one of them, beside what the look-up costs that this sets off", async () => {
	const params = { id: idOf("att", 50_000), now: Date.now(), lease: 0 };
	const { results, meta } = await prepare(env.BILLING_DB_00, wakeAttempt, params).all();
	expect(results).toHaveLength(1);
	expect(meta.rows_read).toBeLessThan(10);
});

it("costs what test/costs/billing-webhooks.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("billing")).toMatchFileSnapshot("../../../test/costs/billing-webhooks.md");
});
