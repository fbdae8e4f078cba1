import type { Invoice } from "../../../shared/events/billing.ts";
import { describeError } from "../../../shared/log.ts";
import type { Row } from "../../../shared/messaging/effects.ts";
import type { BillingCtx } from "../context.ts";

/** An invoice or credit note that has everything but its number. */
export type Draft = Omit<Invoice, "number">;

/** A row of `:messages` that an invoice comes with: of the attempt or refund that it tells of. */
export interface WithDraft extends Row {
	readonly paymentId: string;
	/** Null when it may not come to one. */
	readonly invoice: Draft | null;
}

/** An invoice and its event have the id of what they tell of: the same payment is never two invoices. */
export const invoiceIdOf = (paymentId: string) => `inv_${paymentId.slice(4)}`;
export const eventIdOf = (invoiceId: string) => `evt_${invoiceId.slice(4)}`;

const draft = (field: string) => `m.value->>'$.invoice.${field}'`;

/**
 * The effects that issue the invoices of those rows `m` of `:messages` (`WithDraft`) for which `issued` (SQL) is true, in the batch
 * of the payment, the first of each payment: the next numbers of the series, without a gap, since a batch that fails leaves nothing; the invoice, and the
 * row of its delivery. `:shard` and `:run` are parameters.
 */
export const issuing = (issued: string): string[] => [
	`insert into series (kind, last) values ('invoice', 0), ('credit_note', 0) on conflict do nothing`,
	`insert into invoices (invoice_id, kind, number, customer_id, issued_at, payment_id, currency, total_minor, document, run)
	select invoice_id, kind, number, customer_id, issued_at, payment_id, currency, total_minor,
		json_set(document, '$.number', iif(kind = 'invoice', 'INV-', 'CRN-') || :shard || '-' || printf('%06d', number)), :run
	from (
		select ${draft("invoiceId")} as invoice_id, ${draft("kind")} as kind, m.value->>'$.subject' as customer_id,
			${draft("issuedAt")} as issued_at, m.value->>'$.paymentId' as payment_id, ${draft("currency")} as currency,
			${draft("totalMinor")} as total_minor, m.value->'$.invoice' as document,
			series.last + row_number() over (partition by series.kind order by m.key) as number
		from json_each(:messages) as m cross join series on series.kind = ${draft("kind")}
		where ${issued} and not exists (select 1 from invoices where payment_id = m.value->>'$.paymentId')
			and m.key in (select min(key) from json_each(:messages)
				where value->>'$.invoice.invoiceId' is not null group by value->>'$.paymentId'))`,
	`update series set last = (select max(number) from invoices where invoices.kind = series.kind)
	where last < (select max(number) from invoices where invoices.kind = series.kind)`,
	`insert into deliveries (invoice_id, event_id, created_at, checked_at)
	select i.invoice_id, 'evt_' || substr(i.invoice_id, 5), :now, :now
	from json_each(:messages) as m cross join invoices as i on i.payment_id = m.value->>'$.paymentId'
	where i.run = :run
	on conflict do nothing
	returning invoice_id`,
];

/** Sets the objects of new invoices to work. What cannot be reached now, the sweeper reaches. */
export async function ensureDeliveries(ctx: BillingCtx, invoiceIds: readonly string[]): Promise<void> {
	const calls = await Promise.allSettled(invoiceIds.map((invoiceId) => ctx.deliveries.ensure(invoiceId)));
	for (const [at, call] of calls.entries()) {
		if (call.status === "rejected")
			ctx.log.warn("delivery_not_ensured", { invoiceId: invoiceIds[at], error: describeError(call.reason) });
	}
}
