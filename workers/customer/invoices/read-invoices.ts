import type { Ctx } from "../../../shared/context.ts";
import type { Invoice as Issued } from "../../../shared/events/billing.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import { invoiceOf, type SummaryRow, summaryOf } from "./invoice.ts";
import type { Invoice, InvoiceSummary } from "./schemas.ts";
import { selectCorrections, selectInvoice, selectInvoices } from "./store.ts";

/** A page of the customer's invoices and credit notes, the newest first. Reads `limit` + 1 rows, however many there are. */
export async function listInvoices({
	ctx,
	input: { customerId, limit, cursor },
}: {
	ctx: Ctx;
	input: { customerId: string; limit: number; cursor: string };
}): Promise<Page<InvoiceSummary>> {
	const params = { customerId, ...parseCursor(cursor), limit: limit + 1 };
	const { results } = await prepare(ctx.databases.get(shardOf(customerId)), selectInvoices, params).all<SummaryRow>();
	return pageOf(results, limit, (row) => ({ at: row.issued_at, id: row.id }), summaryOf);
}

/** One of the customer's own, whole. Throws `not_found`. */
export async function getInvoice({
	ctx,
	input,
}: {
	ctx: Ctx;
	input: Readonly<Record<"customerId" | "invoiceId", string>>;
}): Promise<Invoice> {
	const database = ctx.databases.get(shardOf(input.customerId));
	const [invoices, corrections] = await database.batch([
		prepare(database, selectInvoice, input),
		prepare(database, selectCorrections, input),
	]);
	const row = invoices?.results[0] as { document: string } | undefined; // the shape of `selectInvoice`
	if (!row) throw new Problem("not_found");
	const issued = JSON.parse(row.document) as Issued; // it was checked when it came, and nothing edits it
	const correctedBy = (corrections?.results ?? []) as unknown as { id: string; number: string }[]; // of `selectCorrections`
	return invoiceOf(issued, correctedBy);
}
