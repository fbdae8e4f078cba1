import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { bringFromBilling, invoiceIssued, paymentFailed, paymentRecovered } from "../../../shared/testing/billing-says.ts";
import { CostSheet } from "../../../shared/testing/counting.ts";
import { type Customer, givenCustomer, givenNewcomer } from "../../../shared/testing/customers.ts";
import { someCreditNote, someInvoice } from "../../../shared/testing/invoices.ts";
import { batchOf } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const invoice = someInvoice("00", { issuedAt: Date.now() });
let ada: Customer;
beforeAll(async () => {
	await migrateDatabases();
	ada = await givenCustomer();
	await bringFromBilling(worker, invoiceIssued(ada.id, invoice), invoiceIssued(ada.id, someCreditNote("00", invoice)));
	await fill(ada, 20_000);
	await env.CUSTOMER_DB_00.prepare("insert into cron_runs values ('* * * * *', ?)").bind(Date.now()).run();
	await fetching("/api/v1/invoices")(env, createExecutionContext()); // the look for an overdue relay is over for a minute
});

/** More than anybody ever has: invoices and their credit notes, and periods that have recovered, around what is asked for. */
async function fill({ id, database }: Customer, count: number): Promise<void> {
	const n = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)";
	await database.batch([
		database
			.prepare(
				`${n} insert into invoices (id, customer_id, kind, number, issued_at, currency, total_minor, corrects, document, run)
				select case i % 2 when 0 then 'inv_00!' else 'inv_00~' end || i, ?2, 'credit_note', '', ?3 + (i % 2 * 2 - 1) * 1000 * i,
					'EUR', 1, 'inv_00~' || (i + 1), '{}', ''
				from n`,
			)
			.bind(count, id, invoice.issuedAt),
		database
			.prepare(
				`${n} insert into payments (customer_id, from_at, to_at, version, state, amount_minor, currency, changed_at)
				select ?2, i, i, 1, iif(i % 100, 'recovered', 'failed'), 1, 'EUR', 1 from n`,
			)
			.bind(count, id),
	]);
}

function fetching(path: string) {
	const request = new Request(`https://customer.test${path}`, { headers: ada.headers() });
	return async (counted: Cloudflare.Env, execution: ExecutionContext) => {
		const response = await worker.fetch(request, counted, execution);
		await response.text();
		expect(response.status, path).toBe(200);
	};
}

describe("a customer with 20,000 invoices and as many periods", () => {
	it("reads what there is to see, in one D1 call", async () => {
		const list = await sheet.line("GET invoices", fetching("/api/v1/invoices"));
		const one = await sheet.line("GET invoices/{id}", fetching(`/api/v1/invoices/${invoice.invoiceId}`));
		const unpaid = await sheet.line("GET payments", fetching("/api/v1/payments"));

		for (const costs of [list, one, unpaid]) expect(costs).toMatchObject({ d1Calls: 1, rowsWritten: 0, otherCalls: 0 });
		expect(list.rowsRead).toBeLessThanOrEqual(2 * 21);
		expect(one.rowsRead).toBeLessThanOrEqual(4);
		expect(unpaid.rowsRead).toBeLessThanOrEqual(2 * 21);
	});
});

describe("a queue batch of 100", () => {
	const bringing = (messages: string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
		worker.queue(batchOf("invoices", messages), counted, execution);

	it("invoices or payments is one D1 batch that reads and writes a few rows for each, and one send of e-mail requests", async () => {
		const customers = await Promise.all(Array.from({ length: 100 }, () => givenNewcomer()));
		const invoices = await Promise.all(customers.map(({ id }) => invoiceIssued(id, someInvoice("00"))));
		const failed = await Promise.all(customers.map(({ id }) => paymentFailed(id, { version: 1 })));
		const recovered = await Promise.all(customers.map(({ id }) => paymentRecovered(id, { version: 2 })));

		const told = [
			await sheet.line("100 invoices, told each", bringing(invoices)),
			await sheet.line("100 payments that failed, told each", bringing(failed)),
			await sheet.line("100 payments that recovered, told each", bringing(recovered)),
		];
		const again = [
			await sheet.line("100 invoices, repeated", bringing(invoices)),
			await sheet.line("100 payments that failed, repeated", bringing(failed)),
		];

		for (const costs of told) {
			expect(costs).toMatchObject({ d1Calls: 1, messages: 100 + 1, otherCalls: 0 });
			expect(costs.rowsRead).toBeLessThan(25 * 100);
		}
		for (const costs of again) expect(costs).toMatchObject({ d1Calls: 1, messages: 1, rowsWritten: 0 });
	});
});

it("costs what test/costs/invoices.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("customer")).toMatchFileSnapshot("../../../test/costs/invoices.md");
});
