import { sql } from "../../../shared/sql.ts";

/** `RefundRow`. */
export const refundColumns =
	"refund_id, attempt_id, state, requested_at, requested_by, reason, net_minor, tax_minor, currency, settled_at, request_digest";

/** What is given back of the attempt, or is to be, in `given`. */
const given = (attemptId: string) => `(
	select coalesce(sum(iif(state <> 'failed', net_minor, 0)), 0) as net, coalesce(sum(iif(state <> 'failed', tax_minor, 0)), 0) as tax,
		count(*) as refunds
	from refunds where attempt_id = ${attemptId})`;

/**
 * A refund of `amount` (SQL; null for all that is left) of the charge `attemptId`, split as the invoice is: the tax of all
 * that is given back is rounded, so that the parts of all refunds sum to those of the invoice. No row when there is no such
 * charge, or less is left of it. What is bound comes as a floating point number, and would be divided like one.
 */
const split = (attemptId: string, amount: string) => `(
	select customer_id, attempt_id, currency, amount, refunds,
		max(0, amount - net_left, min(amount, tax_left, (2 * (given + amount) * tax + total) / (2 * total) - tax_given)) as tax
	from (
		select i.customer_id, a.attempt_id, i.currency, i.total_minor as total, i.document->>'$.tax.amountMinor' as tax,
			given.net + given.tax as given, given.tax as tax_given, given.refunds,
			(i.document->>'$.netMinor') - given.net as net_left, (i.document->>'$.tax.amountMinor') - given.tax as tax_left,
			coalesce(cast(${amount} as integer), i.total_minor - given.net - given.tax) as amount
		from attempts as a cross join invoices as i on i.payment_id = a.attempt_id cross join ${given(attemptId)} as given
		where a.attempt_id = ${attemptId} and a.state = 'approved' and a.charge_ref is not null and i.kind = 'invoice')
	where amount > 0 and given + amount <= total)`;

/** Hits nothing when there is such a refund already, or nothing that it can be given back from. */
export const insertRefund = sql(`
	insert into refunds (refund_id, customer_id, attempt_id, state, requested_at, requested_by, reason, net_minor, tax_minor, currency,
		look_at, request_digest)
	select :refundId, customer_id, attempt_id, 'due', :now, :actor, :reason, amount - tax, tax, currency, :now, :requestDigest
	from ${split(":attemptId", ":amountMinor")}
	where refunds < :mostRefunds
	on conflict do nothing`);

const picture = `json_object('state', state, 'attemptId', attempt_id, 'netMinor', net_minor, 'taxMinor', tax_minor,
	'currency', currency, 'reason', reason)`;

/** Directly after the insert. */
export const auditRequest = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'refund_requested', refund_id, null, ${picture} from refunds
	where changes() = 1 and refund_id = :refundId
	returning 1`);

/** Why nothing was inserted. */
export const explainRefusal = sql(`
	select i.kind, i.total_minor, a.state, a.charge_ref, given.refunds
	from invoices as i left join attempts as a on a.attempt_id = i.payment_id cross join ${given(":attemptId")} as given
	where i.invoice_id = :invoiceId`);

/** `refunds` stands for another row inside of `split`, so the charge is looked for by the refund's own id. */
const again = split(
	"(select attempt_id from refunds where refund_id = :refundId)",
	"(select net_minor + tax_minor from refunds where refund_id = :refundId)",
);

/** One that has failed is due again, its parts as they fit now. Hits nothing when it has not, or less than it is left. */
export const retryRefund = sql(`
	update refunds set state = 'due', look_at = :now, lookups = 0, started_at = null, missed_at = null, settled_at = null,
		settled_run = null, (net_minor, tax_minor) = (select amount - tax, tax from ${again})
	where refund_id = :refundId and state = 'failed'
		and exists (select 1 from ${again})`);

/** Directly after it. */
export const auditRetry = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'refund_retried', refund_id, json_object('state', 'failed'), ${picture} from refunds
	where changes() = 1 and refund_id = :refundId
	returning 1`);

export const selectRefund = sql(`select ${refundColumns} from refunds where refund_id = :refundId`);

/** A page, the oldest first. */
export const selectFailed = sql(`
	select ${refundColumns} from refunds
	where state = 'failed' and (requested_at, refund_id) > (:at, :id)
	order by requested_at, refund_id limit :limit`);
