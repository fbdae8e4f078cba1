import { sql } from "../../../shared/sql.ts";

/** A page of a customer's invoices and credit notes, the newest first. */
export const selectInvoices = sql(`
	select id, kind, number, issued_at, document->>'$.period.from' as period_from, document->>'$.period.to' as period_to,
		total_minor, currency
	from invoices
	where customer_id = :customerId and (issued_at, id) < (:at, :id)
	order by issued_at desc, id desc limit :limit`);

/** One of the customer's own. */
export const selectInvoice = sql("select document from invoices where id = :invoiceId and customer_id = :customerId");

/** The credit notes that correct it, the newest first. */
export const selectCorrections = sql(`
	select id, number from invoices
	where corrects = :invoiceId and customer_id = :customerId
	order by issued_at desc, id desc limit 20`);
