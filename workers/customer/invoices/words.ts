import { brands } from "../../../shared/cards.ts";
import type { Invoice } from "./schemas.ts";

type Kind = Invoice["kind"];
type Words = Readonly<
	Record<
		| "number"
		| "issued"
		| "period"
		| "seller"
		| "buyer"
		| "taxId"
		| "corrects"
		| "correctedBy"
		| "what"
		| "amount"
		| "net"
		| "tax"
		| "nothing",
		string
	>
> & {
	readonly title: Readonly<Record<Kind, string>>;
	readonly total: Readonly<Record<Kind, string>>;
	readonly card: Readonly<Record<Kind, string>>;
};

/** What stands on an invoice beside what it says itself, in the language that it is written in. */
export const words: Readonly<Record<Invoice["language"], Words>> = {
	en: {
		title: { invoice: "Invoice", credit_note: "Credit note" },
		number: "Number",
		issued: "Date",
		period: "For the period",
		seller: "From",
		buyer: "To",
		taxId: "VAT ID",
		corrects: "Corrects invoice",
		correctedBy: "Corrected by",
		what: "What",
		amount: "Amount",
		net: "Net amount",
		tax: "Tax",
		total: { invoice: "Total", credit_note: "Given back" },
		card: { invoice: "Paid by", credit_note: "Given back to" },
		nothing: "Nothing was to be paid",
	},
	de: {
		title: { invoice: "Rechnung", credit_note: "Gutschrift" },
		number: "Nummer",
		issued: "Datum",
		period: "Für den Zeitraum",
		seller: "Von",
		buyer: "An",
		taxId: "USt-IdNr.",
		corrects: "Berichtigt die Rechnung",
		correctedBy: "Berichtigt durch",
		what: "Leistung",
		amount: "Betrag",
		net: "Nettobetrag",
		tax: "Steuer",
		total: { invoice: "Gesamtbetrag", credit_note: "Erstattungsbetrag" },
		card: { invoice: "Bezahlt mit", credit_note: "Erstattet auf" },
		nothing: "Es war nichts zu bezahlen",
	},
};

/** As its customer knows it, in any language. */
export const cardName = ({ brand, last4 }: NonNullable<Invoice["card"]>) => `${brands[brand].name} •••• ${last4}`;
