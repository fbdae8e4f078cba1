import type { Language } from "../../../shared/events/customer.ts";
import type { InvoiceTemplate } from "../../../shared/events/notifications.ts";

/** What one message about an invoice or a credit note says. Its number, date, period and amount stand between `before` and `after`. */
interface TemplateWords {
	/** The number follows it. That is all that a text message would say, so it is of the GSM alphabet only. */
	readonly subject: string;
	readonly before: readonly string[];
	readonly after: readonly string[];
	/** Behind an amount of nothing. */
	readonly nothing?: string;
	readonly button: string;
	readonly labels: { readonly number: string; readonly issued: string; readonly period: string; readonly amount: string };
}

interface InvoiceWords {
	readonly templates: Readonly<Record<InvoiceTemplate, TemplateWords>>;
	/** The address of all invoices follows it. */
	readonly all: string;
}

const english: InvoiceWords = {
	all: "We write to you about every invoice, because it concerns your money. You find all of them here:",
	templates: {
		invoice_issued: {
			subject: "Your invoice",
			before: ["This is the invoice for your support plan."],
			nothing: "There was nothing to pay this time, and no card was charged.",
			after: ["The whole invoice, with each contract and the tax, is in the portal. There you can also print it."],
			button: "See the invoice",
			labels: { number: "Invoice", issued: "Date", period: "Period", amount: "Total" },
		},
		credit_note_issued: {
			subject: "Your credit note",
			before: ["We have given money back to you. This is the credit note for it."],
			after: [
				"It goes to the card that you paid with. Until your bank shows it, a few days may pass.",
				"The whole credit note, with the invoice that it corrects, is in the portal. There you can also print it.",
			],
			button: "See the credit note",
			labels: { number: "Credit note", issued: "Date", period: "Period", amount: "Given back" },
		},
	},
};

const german: InvoiceWords = {
	all: "Wir schreiben Ihnen zu jeder Rechnung, weil es um Ihr Geld geht. Alle Rechnungen finden Sie hier:",
	templates: {
		invoice_issued: {
			subject: "Ihre Rechnung",
			before: ["Dies ist die Rechnung für Ihren Supportplan."],
			nothing: "Diesmal war nichts zu bezahlen, und es wurde keine Karte belastet.",
			after: ["Die ganze Rechnung mit allen Verträgen und der Steuer steht im Portal. Dort können Sie sie auch drucken."],
			button: "Rechnung ansehen",
			labels: { number: "Rechnung", issued: "Datum", period: "Zeitraum", amount: "Gesamtbetrag" },
		},
		credit_note_issued: {
			subject: "Ihre Gutschrift",
			before: ["Wir haben Ihnen Geld zurückgegeben. Dies ist die Gutschrift dazu."],
			after: [
				"Es geht an die Karte, mit der Sie bezahlt haben. Bis Ihre Bank es anzeigt, können einige Tage vergehen.",
				"Die ganze Gutschrift mit der Rechnung, die sie berichtigt, steht im Portal. Dort können Sie sie auch drucken.",
			],
			button: "Gutschrift ansehen",
			labels: { number: "Gutschrift", issued: "Datum", period: "Zeitraum", amount: "Zurückgegeben" },
		},
	},
};

/** All that customers are told about their invoices, in each language. */
export const invoiceWords: Readonly<Record<Language, InvoiceWords>> = { en: english, de: german };
