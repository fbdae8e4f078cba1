import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Invoice } from "../../../shared/events/billing.ts";
import { bringFromBilling, invoiceIssued } from "../../../shared/testing/billing-says.ts";
import { type Customer, givenCustomer } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { someCreditNote, someInvoice } from "../../../shared/testing/invoices.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { type Visitor, visitorOf } from "../../../shared/testing/pages.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);
let ada: Customer;
let visitor: Visitor;
beforeEach(async () => {
	ada = await givenCustomer();
	visitor = visitorOf(worker, ada);
});

const issue = (...invoices: Invoice[]) => bringFromBilling(worker, ...invoices.map((invoice) => invoiceIssued(ada.id, invoice)));
/** What is read, without the marks. */
const words = (html: string) =>
	html
		.replace(/^.*<main/s, "<main")
		.replaceAll(/<[^>]*>/g, " ")
		.replaceAll(/\s+/g, " ");
const shown = async (invoice: Invoice) => {
	await issue(invoice);
	return words((await visitor.get(`/invoices/${invoice.invoiceId}`)).text);
};

describe("the list of invoices", () => {
	it("says when the first one comes", async () => {
		const { text } = await visitor.get("/invoices");

		expect(text).toContain("No invoices yet");
		expect(text).toContain("Your first invoice comes when the first month of your plan is paid");
		expect(text).toContain('<a href="/invoices" aria-current="page">');
	});

	it("leads to each, by its number, and marks credit notes; a period goes to its last day", async () => {
		const invoice = someInvoice("00");
		const note = someCreditNote("00", invoice);
		await issue(invoice, note);

		const { text } = await visitor.get("/invoices");

		expect(text).toContain(`<a class="whole" href="/invoices/${invoice.invoiceId}">INV-00-000123</a>`);
		expect(text).toContain(`<a class="whole" href="/invoices/${note.invoiceId}">CRN-00-000007</a>`);
		expect(words(text)).toContain("INV-00-000123 24 October 2026 23 October 2026 – 22 November 2026 €11.90");
		expect(words(text)).toContain("€5.95 given back Credit note");
		expect(text.match(/Credit note/g)).toHaveLength(1);
	});

	it("goes on with older ones", async () => {
		await issue(
			...Array.from({ length: 21 }, (_, i) => someInvoice("00", { number: `INV-00-0001${10 + i}`, issuedAt: 1000 + i })),
		);

		const first = (await visitor.get("/invoices")).text;
		const [, older = ""] = /href="(\/invoices\?cursor=[^"]*)">\s*Older/.exec(first) ?? [];

		expect(first).toContain("INV-00-000130");
		expect(first).not.toContain("INV-00-000110");
		expect((await visitor.get(older)).text).toContain("INV-00-000110");
	});

	it("is a page with advice for a cursor that no page gave", async () => {
		expect((await visitor.get("/invoices?cursor=x")).status).toBe(422);
	});
});

describe("the page of an invoice", () => {
	it("is the invoice: who, to whom, what, how much, and how it was paid", async () => {
		const text = await shown(someInvoice("00"));

		for (const part of [
			"Invoice INV-00-000123",
			"From Penultimate Electronics 1 Repair Way 10115 Berlin Germany billing@ penultimate.example VAT ID DE000000000",
			"To Ada Example 1 Analytical Way N1 9GU London United Kingdom ada@ customer.example",
			"Date 24 October 2026",
			"For the period 23 October 2026 – 22 November 2026",
			"Paid by Visa •••• 4242",
			"Television care €10.00",
			"Net amount €10.00 Tax (19%) €1.90 Total €11.90",
		]) {
			expect(text).toContain(part);
		}
	});

	it("is in its own language, and what is around it in the reader's", async () => {
		const invoice = someInvoice("00", { language: "de", tax: { region: null, basisPoints: 775, amountMinor: 190 } });
		const text = await shown(invoice);

		expect((await visitor.get(`/invoices/${invoice.invoiceId}`)).text).toMatch(/<html lang="en">.*<article [^>]*lang="de"/s);
		expect(text).toContain("All invoices");
		for (const part of [
			"Rechnung INV-00-000123",
			"10115 Berlin Deutschland",
			"Datum 24. Oktober 2026",
			"Für den Zeitraum 23. Oktober 2026 – 22. November 2026",
			"Bezahlt mit Visa •••• 4242",
			"Nettobetrag 10,00 € Steuer (7,75 %) 1,90 € Gesamtbetrag 11,90 €",
		]) {
			expect(text).toContain(part);
		}
	});

	it.each([
		["HUF", "Net amount HUF 1,000.00 Tax (19%) HUF 190.00 Total HUF 1,190.00"],
		["JPY", "Net amount JP¥100,000 Tax (19%) JP¥19,000 Total JP¥119,000"],
	])("in %s has the digits of that currency's minor unit", async (currency, sums) => {
		const tax = { region: "south", basisPoints: 1900, amountMinor: 19_000 };

		expect(await shown(someInvoice("00", { currency, netMinor: 100_000, tax, totalMinor: 119_000 }))).toContain(sums);
	});

	it("says the period of a line that is for another one", async () => {
		const [line] = someInvoice("00").lines;
		if (!line) throw new Error("no line");
		const period = { from: Date.UTC(2026, 8, 23), to: Date.UTC(2026, 9, 23) };
		const credit = { ...line, kind: "adjustment" as const, text: "Changed", period, amountMinor: -250 };

		const text = await shown(someInvoice("00", { lines: [line, credit] }));

		expect(text).toContain("Television care €10.00 Changed 23 September 2026 – 22 October 2026 -€2.50");
	});

	it("and its credit note lead to each other", async () => {
		const invoice = someInvoice("00");
		const note = someCreditNote("00", invoice);
		const text = await shown(note);
		await issue(invoice);

		for (const part of [
			"Credit note CRN-00-000007",
			"Given back to Visa •••• 4242",
			"Corrects invoice INV-00-000123",
			"Given back €5.95",
		])
			expect(text).toContain(part);
		expect((await visitor.get(`/invoices/${note.invoiceId}`)).text).toContain(`href="/invoices/${invoice.invoiceId}"`);
		expect((await visitor.get(`/invoices/${invoice.invoiceId}`)).text).toMatch(
			new RegExp(`Corrected by</dt>.*href="/invoices/${note.invoiceId}">CRN-00-000007`, "s"),
		);
	});

	it("that nothing had to be paid for, to somebody of whom only the address for mails was known", async () => {
		const none = { name: null, street: null, postalCode: null, city: null, country: null };
		const change = { buyer: { ...none, email: "ada@customer.example" }, card: null, totalMinor: 0 };

		const text = await shown(someInvoice("00", change));

		expect(text).toContain("To ada@ customer.example");
		expect(text).toContain("Paid by Nothing was to be paid");
	});

	it("row 1: of somebody else's, or of none, is not there", async () => {
		const other = await givenCustomer();
		const invoice = someInvoice("00");
		await bringFromBilling(worker, invoiceIssued(other.id, invoice));

		for (const id of [invoice.invoiceId, newId("inv", "00"), "nothing"]) {
			expect((await visitor.get(`/invoices/${id}`)).status, id).toBe(404);
		}
	});
});
