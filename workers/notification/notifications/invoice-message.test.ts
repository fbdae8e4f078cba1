import { describe, expect, it } from "vitest";
import { Language } from "../../../shared/events/customer.ts";
import { InvoiceTemplate, type InvoiceValues } from "../../../shared/events/notifications.ts";
import { someInvoiceValues } from "../../../shared/testing/notification.ts";
import { render } from "../../../shared/ui/letter.ts";
import { invoiceMessage } from "./invoice-message.ts";
import { textOf as briefly, letterOf } from "./message.ts";

const origin = "https://support.example.com";
const cases = Language.options.flatMap((language) => InvoiceTemplate.options.map((template) => [template, language] as const));

const messageOf = (template: InvoiceTemplate, language: Language, values: Partial<InvoiceValues> = {}) =>
	invoiceMessage({ template, language, values: { ...someInvoiceValues, ...values }, origin, survey: undefined });
/** Spaces as a keyboard has them. */
const mailOf = (...content: Parameters<typeof messageOf>) => {
	const { subject, html, text } = render(letterOf(messageOf(...content)));
	return { subject, html, text: text.replaceAll(/[\u00a0\u2009\u202f]/g, " ") };
};

it.each([
	[
		"invoice_issued",
		"en",
		"Your invoice INV-00-000123",
		"Invoice: INV-00-000123\nDate: 3 November 2026\nPeriod: 2 November – 1 December 2026\nTotal: €1,234.50\n",
	],
	[
		"invoice_issued",
		"de",
		"Ihre Rechnung INV-00-000123",
		"Rechnung: INV-00-000123\nDatum: 3. November 2026\nZeitraum: 2. November – 1. Dezember 2026\nGesamtbetrag: 1.234,50 €\n",
	],
	[
		"credit_note_issued",
		"en",
		"Your credit note CRN-00-000004",
		"Credit note: CRN-00-000004\nDate: 3 November 2026\nPeriod: 2 November – 1 December 2026\nGiven back: €1,234.50\n",
	],
	[
		"credit_note_issued",
		"de",
		"Ihre Gutschrift CRN-00-000004",
		"Gutschrift: CRN-00-000004\nDatum: 3. November 2026\nZeitraum: 2. November – 1. Dezember 2026\nZurückgegeben: 1.234,50 €\n",
	],
] as const)(
	"%s in %s says number, date, period to its last day, and amount, and leads to the rest",
	(template, language, subject, facts) => {
		const number = template === "invoice_issued" ? "INV-00-000123" : "CRN-00-000004";

		const mail = mailOf(template, language, { number });

		expect(mail.subject).toBe(subject);
		expect(mail.text).toContain(facts);
		expect(mail.text).toContain(`:\n${origin}/invoices/${someInvoiceValues.invoiceId}\n`);
	},
);

it.each([
	["JPY", 1290, "JP¥1,290"],
	["HUF", 499_000, "HUF 4,990.00"],
	["USD", 5, "US$0.05"],
] as const)("an amount of %s has as many decimals as that currency has", (currency, amountMinor, said) => {
	expect(mailOf("invoice_issued", "en", { currency, amountMinor }).text).toContain(`Total: ${said}\n`);
});

it("a period of midnights, or over the end of a year, has its last day too", () => {
	const midnights = { periodFrom: Date.UTC(2026, 11, 31), periodTo: Date.UTC(2027, 0, 31) };

	expect(mailOf("invoice_issued", "en", midnights).text).toContain("Period: 31 December 2026 – 30 January 2027\n");
});

it.each([
	["en", "no card was charged"],
	["de", "keine Karte belastet"],
] as const)("who had nothing to pay is told so in %s, and nobody else", (language, words) => {
	expect(mailOf("invoice_issued", language, { amountMinor: 0 }).text).toContain(words);
	expect(mailOf("invoice_issued", language, { amountMinor: 1 }).text).not.toContain(words);
});

describe.each(cases)("%s in %s", (template, language) => {
	it("row 13: a line break in the number ends no header and begins no paragraph", () => {
		const number = "1\r\n\r\nBcc: e@x.example\u202e"; // as long as one may be
		const { subject, text } = mailOf(template, language, { number });

		expect(subject).toMatch(/ 1 Bcc: e@x\.example$/);
		expect(text).not.toMatch(/^Bcc|\u202e/m);
		expect(briefly(messageOf(template, language, { number }))).not.toMatch(/[\p{Cc}]/u);
	});

	it("row 14: HTML in the number is shown as text", () => {
		const { html } = mailOf(template, language, { number: "<img src=x onerror=a()>" });

		expect(html).not.toContain("<img");
		expect(html.match(/&lt;img src=x onerror=a\(\)&gt;/g)).toHaveLength(2); // title and facts
	});
});
