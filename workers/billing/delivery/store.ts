import type { WorkerName } from "../../../shared/events/topology.ts";
import { sql } from "../../../shared/sql.ts";

/** What is delivered, and to whom. */
export const invoiceIssued = "InvoiceIssued";
export const recipient = "customer" satisfies WorkerName;

/** What is to be sent of an invoice, whether it still is, and when its recipient last confirmed something. */
export const selectDelivery = sql(`
	select d.event_id, i.customer_id, i.issued_at, i.document, d.delivered_at, d.rejected_reason,
		(select last_receipt_at from destinations where destination = :recipient) as heard_at
	from deliveries as d cross join invoices as i on i.invoice_id = d.invoice_id
	where d.invoice_id = :invoiceId`);
