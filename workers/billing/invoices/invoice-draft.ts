import type { Buyer, Invoice, InvoiceLine, Seller } from "../../../shared/events/billing.ts";
import type { Language } from "../../../shared/events/customer.ts";
import type { Bill } from "./bill.ts";
import { type Draft, invoiceIdOf } from "./issue.ts";

interface InvoiceDraft {
	readonly bill: Bill;
	/** The attempt that has paid it. */
	readonly paymentId: string;
	/** Milliseconds, as all times here. */
	readonly issuedAt: number;
	readonly period: Invoice["period"];
	readonly seller: Seller;
	/** The customer as they stand now. */
	readonly buyer: Buyer;
	/** That was charged; not said when there was nothing to pay. */
	readonly card: Invoice["card"];
	readonly language: Language;
}

/** The invoice of a period that is paid, or costs nothing: everything but its number. */
export function invoiceDraft({ bill, paymentId, issuedAt, period, seller, buyer, card, language }: InvoiceDraft): Draft {
	const { lines, currency, netMinor, tax, totalMinor } = bill;
	return {
		invoiceId: invoiceIdOf(paymentId),
		kind: "invoice",
		issuedAt,
		seller,
		buyer,
		period: { from: period.from, to: period.to },
		lines,
		currency,
		netMinor,
		tax,
		totalMinor,
		card: totalMinor > 0 ? card : null,
		corrects: null,
		language,
	};
}

interface CreditNoteDraft {
	/** What is given back of it: the invoice as it was issued. */
	readonly invoice: Invoice;
	readonly refundId: string;
	readonly issuedAt: number;
	readonly seller: Seller;
	/** What the customer is told. */
	readonly reason: string;
	/** More than 0 together. */
	readonly netMinor: number;
	readonly taxMinor: number;
}

/** The credit note of a refund: everything but its number. To whom the invoice was written, and by its rate of tax. */
export function creditNoteDraft(refund: CreditNoteDraft): Draft {
	const { invoice, refundId, issuedAt, seller, reason, netMinor, taxMinor } = refund;
	const { invoiceId, number, period, buyer, currency, card, language, tax } = invoice;
	const line: InvoiceLine = { kind: "refund", text: reason, period, amountMinor: netMinor };
	return {
		invoiceId: invoiceIdOf(refundId),
		kind: "credit_note",
		issuedAt,
		seller,
		buyer,
		period,
		lines: [line],
		currency,
		netMinor,
		tax: { ...tax, amountMinor: taxMinor },
		totalMinor: netMinor + taxMinor,
		card,
		corrects: { invoiceId, number },
		language,
	};
}
