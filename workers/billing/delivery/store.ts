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

const isWaiting = "delivered_at is null and rejected_reason is null";

/** Deliveries that nobody has looked at since `:before`, the longest first. Whoever gives them has looked at them. */
export const claimUnchecked = sql(`
	update deliveries set checked_at = :now
	where invoice_id in (
		select invoice_id from deliveries where ${isWaiting} and checked_at <= :before order by checked_at limit :limit)
	returning invoice_id`);

const ofReceipts = "json_each(:receipts) as r cross join deliveries as d on d.event_id = r.value->>'$.id'";
const fromRecipient = `r.value->>'$.destination' = '${recipient}'`;
const rejected = "r.value->>'$.verdict' = 'rejected'";

/** Receipts of somebody to whom no invoice was sent. */
export const findStrangers = sql(`
	select d.event_id, '${invoiceIssued}' as type, r.value->>'$.destination' as sender from ${ofReceipts} where not (${fromRecipient})`);

/** Forwards only: what has arrived stays so, and a rejection counts once. */
export const settle = sql(`
	update deliveries set
		delivered_at = iif(${rejected}, null, :now), rejected_reason = iif(${rejected}, r.value->>'$.reason', null)
	from json_each(:receipts) as r
	where deliveries.event_id = r.value->>'$.id' and ${fromRecipient}
		and delivered_at is null and (rejected_reason is null or not (${rejected}))
	returning event_id, '${invoiceIssued}' as type, '${recipient}' as destination, rejected_reason as parked_reason`);

const viewed = `select d.invoice_id, d.created_at, d.rejected_reason, d.delivered_at, i.customer_id, i.document->>'$.number' as number
	from deliveries as d cross join invoices as i on i.invoice_id = d.invoice_id`;

/** The oldest first, of those that have not arrived. */
export const selectUndelivered = sql(`
	${viewed}
	where d.delivered_at is null and (d.created_at, d.invoice_id) > (:at, :id)
	order by d.created_at, d.invoice_id limit :limit`);

export const selectDeliveryView = sql(`${viewed} where d.invoice_id = :invoiceId`);

/** Before `forgetRejection`: what that changes. */
export const auditRedelivery = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'invoice_redelivered', :invoiceId, json_object('rejectedReason', rejected_reason), null
	from deliveries where invoice_id = :invoiceId and delivered_at is null`);

export const forgetRejection = sql(`
	update deliveries set rejected_reason = null, checked_at = :now where invoice_id = :invoiceId and delivered_at is null`);
