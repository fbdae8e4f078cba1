import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { fill } from "../../../shared/testing/backlog.ts";
import { CostSheet, type Costs } from "../../../shared/testing/counting.ts";
import { customerId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { RefundingProvider, someInvoice, someSeller } from "../../../shared/testing/refunds.ts";
import { minutes } from "../../../shared/time.ts";
import { type BillingCtx, billingCtx } from "../context.ts";
import { getInvoice, listInvoices } from "../invoices/read-invoices.ts";
import { listFailedRefunds } from "./list-failed.ts";
import { requestRefund } from "./request-refund.ts";
import { workRefunds } from "./work-refunds.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const now = Date.UTC(2026, 10, 2, 12);
const actor = { email: "helpdesk@squad.example", role: "helpdesk" } as const;
const [ada, others] = [customerId("00", "a"), customerId("00", "b")];
const database = env.BILLING_DB_00;

beforeAll(migrateDatabases);

/** Provider and objects are not Cloudflare's bindings: what is counted is D1 and the queues. */
function ctxOf(bindings: Cloudflare.Env, execution: ExecutionContext): BillingCtx {
	const provider = new RefundingProvider();
	const nobody = async (): Promise<never> => Promise.reject(new Error("not asked for here"));
	return Object.assign(billingCtx(bindings, execution), {
		now: () => now,
		payments: {
			register: nobody,
			charge: nobody,
			findCharge: nobody,
			refund: provider.refund.bind(provider),
			findRefund: provider.findRefund.bind(provider),
		},
		terms: { chargeDelay: 0, lease: 15 * minutes, seller: someSeller, taxRates: {} },
		deliveries: { ensure: async () => {}, delivered: async () => {} },
	});
}

const document = `'${JSON.stringify(someInvoice())}'`;

/** Invoices that were paid, with ids that are the same in every run: each has been given back, all but `open` of them long ago. */
async function givenPaidOf(owner: string, prefix: string, count: number, open: number, numbersFrom: number): Promise<void> {
	const idOf = (kind: string) => `printf('${kind}_00${prefix}%025d', i)`;
	const refundId = `printf('rfd_00${Number(prefix) + 4}%025d', i)`; // no credit note has the id of an invoice
	await fill(database, "attempts", count, {
		attempt_id: idOf("att"),
		customer_id: `'${owner}'`,
		from_at: `${numbersFrom} + i`,
		number: 1,
		state: "'approved'",
		started_at: 1,
		total_minor: 1190,
		currency: "'EUR'",
		bill: "''",
		charge_ref: "'charge ' || i",
		started_run: "''",
	});
	await fill(database, "invoices", count, {
		invoice_id: idOf("inv"),
		kind: "'invoice'",
		number: `${numbersFrom} + i`,
		customer_id: `'${owner}'`,
		issued_at: "i",
		payment_id: idOf("att"),
		currency: "'EUR'",
		total_minor: 1190,
		document,
		run: "''",
	});
	await fill(database, "refunds", count, {
		refund_id: refundId,
		customer_id: `'${owner}'`,
		attempt_id: idOf("att"),
		state: `iif(i <= ${open}, 'due', iif(i % 2, 'refunded', 'failed'))`,
		requested_at: `${now} - ${count} + i`,
		requested_by: "'billing'",
		reason: "'Nobody came.'",
		net_minor: 500,
		tax_minor: 95,
		currency: "'EUR'",
		look_at: `iif(i <= ${open}, ${now} - 100 + i, null)`,
		request_digest: "''",
	});
}

/** Beside them there is neither more nor less to read: give or take what an index has on its way. */
function expectSame(few: Costs | undefined, many: Costs): void {
	expect(many).toMatchObject({ d1Calls: few?.d1Calls, rowsWritten: few?.rowsWritten });
	expect(Math.abs(many.rowsRead - (few?.rowsRead ?? 0))).toBeLessThan(10);
}

it("reads the same beside 20,000 others", async () => {
	const measure = async (prefix: string, line: typeof sheet.line) => {
		const run = (work: (ctx: BillingCtx) => Promise<unknown>) => (bindings: Cloudflare.Env, execution: ExecutionContext) =>
			work(ctxOf(bindings, execution));
		const invoiceId = `inv_00${prefix}${"50".padStart(25, "0")}`;
		const input = { actor, invoiceId, reason: "Nobody came.", idempotencyKey: prefix };
		return [
			await line(
				"20 refunds that are due",
				run((ctx) => workRefunds(ctx, { shards: ["00"], budget: 20 })),
			),
			await line(
				"Cron of refunds, nothing due",
				run((ctx) => workRefunds(ctx, { shards: ["00"] })),
			),
			await line(
				"POST invoices/{id}/refunds, and the refund",
				run((ctx) => requestRefund({ ctx, input })),
			),
			await line(
				"GET invoices/{id}",
				run((ctx) => getInvoice({ ctx, input: { invoiceId } })),
			),
			await line(
				"GET customers/{id}/invoices",
				run((ctx) => listInvoices({ ctx, input: { customerId: ada, limit: 20, cursor: "" } })),
			),
			await line(
				"GET refunds?state=failed",
				run((ctx) => listFailedRefunds({ ctx, input: { limit: 20, cursor: "" } })),
			),
		];
	};
	await givenPaidOf(ada, "1", 100, 20, 0);
	await database.prepare("insert into series values ('invoice', 0), ('credit_note', 0)").run();
	const few = await measure("1", sheet.line.bind(sheet));

	await givenPaidOf(others, "2", 20_000, 0, 1000);
	await givenPaidOf(ada, "3", 100, 20, 100_000);
	const quiet = new CostSheet<Cloudflare.Env>(env);
	const many = await measure("3", quiet.line.bind(quiet));

	for (const [i, costs] of many.entries()) expectSame(few[i], costs);
	const [page, none, request] = few;
	expect(page).toMatchObject({ d1Calls: 2, sends: 1, messages: 20 });
	expect(none).toMatchObject({ d1Calls: 1, rowsWritten: 0 });
	expect(request).toMatchObject({ d1Calls: 3 });
});

it("costs what test/costs/billing-refunds.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("billing")).toMatchFileSnapshot("../../../test/costs/billing-refunds.md");
});
