import type { Invoice as Issued } from "../../../shared/events/billing.ts";
import type { Invoice, InvoiceSummary, Period } from "./schemas.ts";

/** What a list reads of an invoice. Times in ms since 1970, UTC. */
export interface SummaryRow {
	readonly id: string;
	readonly kind: InvoiceSummary["kind"];
	readonly number: string;
	readonly issued_at: number;
	readonly period_from: number;
	readonly period_to: number;
	readonly total_minor: number;
	readonly currency: string;
}

/** Times leave as ISO 8601 instants. */
export const summaryOf = (row: SummaryRow): InvoiceSummary => ({
	id: row.id,
	kind: row.kind,
	number: row.number,
	issuedAt: instant(row.issued_at),
	period: periodOf({ from: row.period_from, to: row.period_to }),
	total: { amountMinor: row.total_minor, currency: row.currency },
});

/** As it was issued, with the credit notes that came after it. */
export function invoiceOf(issued: Issued, correctedBy: Invoice["correctedBy"]): Invoice {
	const { invoiceId: id, kind, number, seller, buyer, card, corrects, currency, language } = issued;
	const money = (amountMinor: number) => ({ amountMinor, currency });
	return {
		id,
		kind,
		number,
		issuedAt: instant(issued.issuedAt),
		period: periodOf(issued.period),
		total: money(issued.totalMinor),
		seller,
		buyer,
		lines: issued.lines.map((line) => ({
			kind: line.kind,
			text: line.text,
			period: periodOf(line.period),
			amount: money(line.amountMinor),
		})),
		net: money(issued.netMinor),
		tax: { region: issued.tax.region, basisPoints: issued.tax.basisPoints, amount: money(issued.tax.amountMinor) },
		card,
		corrects: corrects && { id: corrects.invoiceId, number: corrects.number },
		correctedBy,
		language,
	};
}

const periodOf = ({ from, to }: { from: number; to: number }): Period => ({ from: instant(from), to: instant(to) });

const instant = (at: number) => new Date(at).toISOString();
