import * as v from "valibot";
import { Invoice } from "../../../shared/events/billing.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import type { BillingCtx } from "../context.ts";
import { refundViews, selectRefundsOf } from "../refunds/of-invoice.ts";
import { selectDelivery, selectInvoice, selectInvoicesOf } from "./store.ts";

interface DeliveryRow {
	readonly created_at: number;
	readonly delivered_at: number | null;
	readonly rejected_reason: string | null;
}

/** An invoice or credit note as it was issued, with its delivery and its newest 100 refunds. Throws `not_found`. */
export async function getInvoice({ ctx, input }: { ctx: BillingCtx; input: { invoiceId: string } }) {
	const shard = ctx.databases.locate(input.invoiceId);
	if (shard === undefined) throw new Problem("not_found");
	const database = ctx.databases.get(shard);
	const statements = [selectInvoice, selectDelivery, selectRefundsOf].map((statement) => prepare(database, statement, input));
	const [invoices, deliveries, refunds] = await database.batch(statements);
	const invoice = invoices?.results[0] as { document: string } | undefined; // of `selectInvoice`
	const delivery = deliveries?.results[0] as DeliveryRow | undefined; // of `selectDelivery`
	if (!invoice) throw new Problem("not_found");
	return {
		...documentView(v.parse(Invoice, JSON.parse(invoice.document))),
		delivery: delivery ? deliveryView(delivery) : null,
		refunds: refundViews(refunds),
	};
}

/** Times leave as ISO 8601 instants. */
function documentView({ issuedAt, period, lines, ...rest }: Invoice) {
	return {
		...rest,
		issuedAt: instant(issuedAt),
		period: periodView(period),
		lines: lines.map((line) => ({ ...line, period: periodView(line.period) })),
	};
}

const deliveryView = ({ created_at, delivered_at, rejected_reason: rejectedReason }: DeliveryRow) => ({
	createdAt: instant(created_at),
	deliveredAt: delivered_at === null ? null : instant(delivered_at),
	rejectedReason,
});

const periodView = ({ from, to }: Invoice["period"]) => ({ from: instant(from), to: instant(to) });
const instant = (at: number) => new Date(at).toISOString();

interface ListedRow {
	readonly invoice_id: string;
	readonly kind: Invoice["kind"];
	readonly number: string;
	readonly issued_at: number;
	readonly currency: string;
	readonly total_minor: number;
	readonly delivered_at: number | null;
}

function listedView({ invoice_id: id, kind, number, issued_at, currency, total_minor: totalMinor, delivered_at }: ListedRow) {
	const deliveredAt = delivered_at === null ? null : instant(delivered_at);
	return { id, kind, number, issuedAt: instant(issued_at), currency, totalMinor, deliveredAt };
}

/** A page of a customer's invoices and credit notes, the newest first. Throws `not_found` for a customer of no shard. */
export async function listInvoices({
	ctx,
	input: { customerId, limit, cursor },
}: {
	ctx: BillingCtx;
	input: { customerId: string; limit: number; cursor: string };
}): Promise<Page<ReturnType<typeof listedView>>> {
	const shard = ctx.databases.locate(customerId);
	if (shard === undefined) throw new Problem("not_found");
	const params = { customerId, ...parseCursor(cursor), limit: limit + 1 };
	const { results } = await prepare(ctx.databases.get(shard), selectInvoicesOf, params).all<ListedRow>();
	return pageOf(results, limit, (row) => ({ at: row.issued_at, id: row.invoice_id }), listedView);
}
