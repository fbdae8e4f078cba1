import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Invoice as Issued } from "../../../shared/events/billing.ts";
import { bringFromBilling, invoiceIssued, paymentFailed, paymentRecovered } from "../../../shared/testing/billing-says.ts";
import { givenCard } from "../../../shared/testing/card-rows.ts";
import { ask, type Customer, givenCustomer } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { someCreditNote, someInvoice, somePeriod } from "../../../shared/testing/invoices.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";
import type { UnpaidPeriod } from "../payments/schemas.ts";
import type { Invoice, InvoiceSummary } from "./schemas.ts";

beforeAll(migrateDatabases);
let ada: Customer;
beforeEach(async () => {
	ada = await givenCustomer();
});

interface Page<Item> {
	items: Item[];
	next: string | null;
}
const invoicesPath = "/api/v1/invoices";
const paymentsPath = "/api/v1/payments";
const issue = (customer: Customer, ...invoices: Issued[]) =>
	bringFromBilling(worker, ...invoices.map((invoice) => invoiceIssued(customer.id, invoice)));
const list = async (query = "", customer = ada) => (await customer.get<Page<InvoiceSummary>>(invoicesPath + query)).body;
const unpaid = async (query = "", customer = ada) => (await customer.get<Page<UnpaidPeriod>>(paymentsPath + query)).body;

/** Everything by pages of two. */
async function inPages<Item>(read: (query: string) => Promise<Page<Item>>): Promise<Item[]> {
	const items: Item[] = [];
	for (let next: string | null = ""; next !== null; ) {
		const page: Page<Item> = await read(`?limit=2&cursor=${next}`);
		expect(page.items.length).toBeLessThanOrEqual(2);
		items.push(...page.items);
		next = page.next;
	}
	return items;
}

describe("GET invoices", () => {
	it("lists invoices and credit notes, the newest first, with instants and amounts", async () => {
		const invoice = someInvoice("00");
		const note = someCreditNote("00", invoice);
		await issue(ada, invoice, note);

		expect(await list()).toEqual({
			items: [
				{
					id: note.invoiceId,
					kind: "credit_note",
					number: "CRN-00-000007",
					issuedAt: "2026-10-30T10:00:00.000Z",
					period: { from: "2026-10-23T09:30:00.000Z", to: "2026-11-23T09:30:00.000Z" },
					total: { amountMinor: 595, currency: "EUR" },
				},
				expect.objectContaining({ id: invoice.invoiceId, kind: "invoice", total: { amountMinor: 1190, currency: "EUR" } }),
			],
			next: null,
		});
	});

	it("is the same by pages, also of invoices of one moment", async () => {
		await issue(ada, ...Array.from({ length: 5 }, (_, i) => someInvoice("00", { issuedAt: i < 3 ? 1000 : 2000 + i })));
		const { items, next } = await list();

		expect(items).toHaveLength(5);
		expect(next).toBeNull();
		expect(await inPages(list)).toEqual(items);
	});

	it.each(["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=W10"])("?%s: 422", async (query) => {
		for (const path of [invoicesPath, paymentsPath]) {
			expect(await ada.get(`${path}?${query}`), path).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		}
	});

	it("needs a session, and is kept by no cache", async () => {
		const invoice = someInvoice("00");
		await issue(ada, invoice);
		for (const path of [invoicesPath, `${invoicesPath}/${invoice.invoiceId}`, paymentsPath]) {
			const answer = await ada.get(path);
			expect([answer.status, answer.headers.get("cache-control")], path).toEqual([200, "no-store"]);
			expect((await ask(path)).status, path).toBe(401);
		}
	});
});

describe("GET invoices/{id}", () => {
	it("is the whole invoice as it was issued, and names the credit notes that came after it", async () => {
		const invoice = someInvoice("00");
		const note = someCreditNote("00", invoice);
		await issue(ada, invoice, note);

		const { body } = await ada.get<Invoice>(`${invoicesPath}/${invoice.invoiceId}`);

		const period = { from: "2026-10-23T09:30:00.000Z", to: "2026-11-23T09:30:00.000Z" };
		const net = { amountMinor: 1000, currency: "EUR" };
		expect(body).toEqual({
			id: invoice.invoiceId,
			kind: "invoice",
			number: "INV-00-000123",
			issuedAt: "2026-10-24T10:00:00.000Z",
			period,
			total: { amountMinor: 1190, currency: "EUR" },
			seller: invoice.seller,
			buyer: invoice.buyer,
			lines: [{ kind: "contract", text: "Television care", period, amount: net }],
			net,
			tax: { region: "south", basisPoints: 1900, amount: { amountMinor: 190, currency: "EUR" } },
			card: { brand: "visa", last4: "4242" },
			corrects: null,
			correctedBy: [{ id: note.invoiceId, number: note.number }],
			language: "en",
		});
		expect((await ada.get<Invoice>(`${invoicesPath}/${note.invoiceId}`)).body).toMatchObject({
			kind: "credit_note",
			corrects: { id: invoice.invoiceId, number: invoice.number },
			correctedBy: [],
		});
	});

	it.each(["nothing", newId("tkt", "00"), newId("inv", "00"), newId("inv", "01")])("of %s: 404", async (id) => {
		expect(await ada.get(`${invoicesPath}/${id}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
	});
});

describe("GET payments", () => {
	it("lists the periods that are not paid, the newest first; what has recovered is none of them", async () => {
		const period = (month: number) => ({ from: Date.UTC(2026, month, 23), to: Date.UTC(2026, month + 1, 23) });
		const failedAt = Date.UTC(2026, 10, 24);
		await bringFromBilling(
			worker,
			paymentFailed(ada.id, { version: 1, period: period(8) }),
			paymentFailed(ada.id, { version: 1, period: period(9), reason: "no_card", nextAttemptAt: null }),
			paymentFailed(ada.id, { version: 1, period: period(10), failedAt, nextAttemptAt: failedAt + 1 }),
		);
		await bringFromBilling(worker, paymentRecovered(ada.id, { version: 2, period: period(8) }));

		const { items } = await unpaid();

		expect(items).toEqual([
			{
				period: { from: "2026-11-23T00:00:00.000Z", to: "2026-12-23T00:00:00.000Z" },
				amount: { amountMinor: 1190, currency: "EUR" },
				reason: "insufficient_funds",
				failedAt: "2026-11-24T00:00:00.000Z",
				nextAttemptAt: "2026-11-24T00:00:00.001Z",
				newCard: false,
			},
			expect.objectContaining({ reason: "no_card", nextAttemptAt: null }),
		]);
		expect(await inPages(unpaid)).toEqual(items);
	});

	it.each([
		["submitted", 1, true],
		["verified", 1, true],
		["verified", -1, false],
		["rejected", 1, false],
		["removed", 1, false],
		["open", 1, false],
	] as const)("says of a card that is %s, entered %i ms later, whether it may pay: %s", async (state, later, newCard) => {
		await bringFromBilling(worker, paymentFailed(ada.id, { failedAt: 5000 }));
		await givenCard(ada, { state, createdAt: 5000 + later });

		expect((await unpaid()).items).toMatchObject([{ newCard }]);
	});
});

describe("row 1: another customer's", () => {
	it.each([
		["00", "00"],
		["01", "01"],
		["00", "01"],
	])("invoice is not there (%s asks, %s owns), nor are their credit notes", async (mine, theirs) => {
		const [me, owner] = [await givenCustomer({ shard: mine }), await givenCustomer({ shard: theirs })];
		const invoice = someInvoice(theirs);
		await issue(owner, invoice);

		const answer = await me.get(`${invoicesPath}/${invoice.invoiceId}`);
		const absent = await me.get(`${invoicesPath}/${newId("inv", theirs)}`);

		expect([answer.status, answer.text]).toEqual([absent.status, absent.text]);
		expect(answer.status).toBe(404);
		await issue(me, someCreditNote(mine, invoice)); // as wrong as can be
		expect((await owner.get<Invoice>(`${invoicesPath}/${invoice.invoiceId}`)).body.correctedBy).toEqual([]);
	});

	it("lists are not shown, whatever cursor is asked with", async () => {
		const other = await givenCustomer();
		await issue(other, someInvoice("00"), someInvoice("00"));
		await bringFromBilling(
			worker,
			paymentFailed(other.id),
			paymentFailed(other.id, { period: { from: somePeriod.to, to: somePeriod.to + 1 } }),
		);
		const cursors = [(await list("?limit=1", other)).next, (await unpaid("?limit=1", other)).next];

		for (const query of ["", ...cursors.map((cursor) => `?cursor=${cursor}`), `?customerId=${other.id}`]) {
			expect([(await list(query)).items, (await unpaid(query)).items], query).toEqual([[], []]);
		}
	});
});
