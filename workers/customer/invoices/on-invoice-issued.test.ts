import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Invoice } from "../../../shared/events/billing.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { bringFromBilling, invoiceIssued } from "../../../shared/testing/billing-says.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, eventsOf, givenNewcomer } from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { sentTo, signAs } from "../../../shared/testing/forge.ts";
import { someCreditNote, someInvoice } from "../../../shared/testing/invoices.ts";
import { neighbour } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);
let ada: Customer;
let invoice: Invoice;
beforeEach(async () => {
	ada = await givenNewcomer();
	await ada.database.prepare("delete from inbox").run();
	invoice = someInvoice("00");
});

const bring = (...messages: (string | Promise<string>)[]) => bringFromBilling(worker, ...messages);
const told = async (customer = ada) => (await eventsOf(customer)).map(({ type, data }) => ({ type, ...data }));
const stored = (customer = ada) =>
	rowsOf<{ id: string; document: string }>(
		customer.database,
		"select id, document from invoices where customer_id = ? order by id",
		customer.id,
	);
/** Each test has one message. */
const verdicts = () => rowsOf(ada.database, "select verdict, reason from inbox");

describe("an invoice that was issued", () => {
	it("is stored as it is, and told by e-mail, whatever the profile says of tickets", async () => {
		await ada.database
			.prepare(
				"update profiles set notify_by_email = 0, notify_by_sms = 1, phone = '+49 30 5550100', language = 'de' where customer_id = ?",
			)
			.bind(ada.id)
			.run();

		const { explicitAcks } = await bring(invoiceIssued(ada.id, invoice));

		expect(explicitAcks).toHaveLength(1);
		const [row] = await stored();
		expect(JSON.parse(row?.document ?? "")).toEqual(invoice);
		expect(await told()).toEqual([
			{
				type: "NotificationRequested",
				notificationId: expect.stringMatching(/^ntf_00/),
				channel: "email",
				recipient: "ada@customer.example",
				language: "de",
				template: "invoice_issued",
				values: {
					invoiceId: invoice.invoiceId,
					number: "INV-00-000123",
					issuedAt: invoice.issuedAt,
					amountMinor: 1190,
					currency: "EUR",
					periodFrom: invoice.period.from,
					periodTo: invoice.period.to,
				},
				expiresAt: expect.any(Number),
			},
		]);
	});

	it("and its credit note are two, each told as what it is", async () => {
		const note = someCreditNote("00", invoice);

		await bring(invoiceIssued(ada.id, note), invoiceIssued(ada.id, invoice));

		expect(await stored()).toHaveLength(2);
		expect((await eventsOf(ada)).map(({ data }) => data)).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ template: "invoice_issued", values: expect.objectContaining({ amountMinor: 1190 }) }),
				expect.objectContaining({
					template: "credit_note_issued",
					values: expect.objectContaining({ number: "CRN-00-000007", amountMinor: 595 }),
				}),
			]),
		);
	});

	it.each([
		["no address", "update profiles set email = '' where customer_id = ?"],
		["no profile", "delete from profiles where customer_id = ?"],
	])("is stored, and told to nobody, while there is %s", async (_, text) => {
		await ada.database.prepare(text).bind(ada.id).run();

		await bring(invoiceIssued(ada.id, invoice));

		expect(await stored()).toMatchObject([{ id: invoice.invoiceId }]);
		expect(await told()).toEqual([]);
	});
});

describe("an invoice that comes again changes nothing, and is told once,", () => {
	it("by the same message, in one batch and in another", async () => {
		const message = await invoiceIssued(ada.id, invoice);

		await bring(message, message);
		const before = await contentsOf(ada.database);
		await bring(message);

		expect(await contentsOf(ada.database)).toEqual(before);
		expect(await told()).toHaveLength(1);
	});

	it("when the inbox has forgotten the message", async () => {
		const message = await invoiceIssued(ada.id, invoice);
		await bring(message);
		await ada.database.prepare("delete from inbox").run();

		await bring(message);

		expect(await stored()).toHaveLength(1);
		expect(await told()).toHaveLength(1);
	});

	it("when the whole shard has forgotten it: what is asked for again is the same message", async () => {
		const message = await invoiceIssued(ada.id, invoice);
		await bring(message);
		const asked = await told();
		for (const table of ["inbox", "invoices", "outbox"]) await ada.database.prepare(`delete from ${table}`).run();

		await bring(message);

		expect(asked).toMatchObject([{ notificationId: `ntf_${invoice.invoiceId.slice(4)}` }]);
		expect(await told()).toMatchObject([{ notificationId: `ntf_${invoice.invoiceId.slice(4)}` }]);
	});

	it("by other messages, beside each other or later, whatever they say", async () => {
		await bring(invoiceIssued(ada.id, invoice), invoiceIssued(ada.id, invoice));
		const before = await stored();
		await bring(invoiceIssued(ada.id, { ...invoice, totalMinor: 1 }));

		expect(await stored()).toEqual(before);
		expect(await told()).toHaveLength(1);
	});
});

describe("an invoice is not stored", () => {
	it("that is another customer's already: it is rejected, and theirs stays", async () => {
		const eve = await givenNewcomer("eve@customer.example");
		await bring(invoiceIssued(ada.id, invoice));

		await bring(invoiceIssued(eve.id, invoice));

		expect(await stored(eve)).toEqual([]);
		expect(await told(eve)).toEqual([]);
		expect(await stored()).toHaveLength(1);
		expect(await rowsOf(ada.database, "select reason from inbox where verdict = 'rejected'")).toContainEqual({
			reason: "other_customer",
		});
	});

	it.each(["sysops", "customer", "notification", "analytics"] as const)("that %s has sent: it may not say so", async (who) => {
		const event = newEvent({ ...neighbour("billing"), worker: who }, "00", {
			type: "InvoiceIssued",
			subject: ada.id,
			data: invoice,
		});

		await bring(signAs(who, event, sentTo("customer", Date.now())));
		await bring(signAs(who, { ...event, source: "billing" }, sentTo("customer", Date.now())));

		expect(await stored()).toEqual([]);
	});

	it("row 35: of a customer who was erased", async () => {
		await ada.database
			.prepare("insert into erased_customers (customer_id, erased_at) values (?, ?)")
			.bind(ada.id, Date.now())
			.run();

		await bring(invoiceIssued(ada.id, invoice));

		expect([await stored(), await told()]).toEqual([[], []]);
		expect(await verdicts()).toEqual([{ verdict: "accepted", reason: null }]);
	});

	it.each([
		["without a line", { lines: [] }],
		["with a number of another kind", { number: "123" }],
		["with an amount that is no whole number", { totalMinor: 0.5 }],
		["with an id of something else", { invoiceId: newId("tkt", "00") }],
	])("that is %s: it is rejected", async (_, change) => {
		await bring(invoiceIssued(ada.id, { ...invoice, ...change }));

		expect(await stored()).toEqual([]);
		expect(await verdicts()).toEqual([{ verdict: "rejected", reason: "schema" }]);
	});
});
