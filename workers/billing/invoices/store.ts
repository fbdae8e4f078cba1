import { sql } from "../../../shared/sql.ts";

export const selectInvoice = sql("select document from invoices where invoice_id = :invoiceId");

export const selectDelivery = sql(
	"select created_at, delivered_at, rejected_reason from deliveries where invoice_id = :invoiceId",
);

/** A page of a customer's invoices and credit notes, the newest first. */
export const selectInvoicesOf = sql(`
	select i.invoice_id, i.kind, i.document->>'$.number' as number, i.issued_at, i.currency, i.total_minor, d.delivered_at
	from invoices as i left join deliveries as d on d.invoice_id = i.invoice_id
	where i.customer_id = :customerId and (i.issued_at, i.invoice_id) < (:at, :id)
	order by i.issued_at desc, i.invoice_id desc limit :limit`);
