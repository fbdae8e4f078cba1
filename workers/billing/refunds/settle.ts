import type { Shard } from "../../../shared/ids.ts";
import { commitRows, effect, emission } from "../../../shared/messaging/effects.ts";
import type { BillingCtx } from "../context.ts";
import { ensureDeliveries, issuing, type WithDraft } from "../invoices/issue.ts";
import { reopenPlans } from "../payments/save.ts";

/** What a look at a refund has found out. */
export interface Settlement extends WithDraft {
	readonly subject: string;
	/** As it stood when it was asked for: an answer to an earlier request settles no later one. */
	readonly refusals: number;
	readonly outcome: "refunded" | "refused" | "unknown";
	readonly ref: string | null;
	/** When it is looked at again, if it is unknown. */
	readonly lookAt: number;
	/** The provider has none of it, and it is too late to repeat it. */
	readonly missed: boolean;
}

const told = (field: string) => `m.value->>'$.${field}'`;

const settle = `
	update refunds set
		state = case m.outcome when 'refunded' then 'refunded' when 'refused' then 'failed' else 'unknown' end,
		look_at = iif(m.outcome = 'unknown', m.look_at, null),
		settled_at = iif(m.outcome = 'unknown', null, :now),
		settled_run = iif(m.outcome = 'unknown', null, :run),
		refund_ref = m.ref,
		refusals = refunds.refusals + (m.outcome = 'refused'),
		missed_at = iif(m.missed, coalesce(missed_at, :now), missed_at)
	from (
		select ${told("paymentId")} as refund_id, ${told("refusals")} as refusals, ${told("outcome")} as outcome, ${told("ref")} as ref,
			${told("lookAt")} as look_at, ${told("missed")} as missed
		from json_each(:messages) as m) as m
	where refunds.refund_id = m.refund_id and refunds.refusals = m.refusals and state in ('due', 'unknown')`;

/** The refunds that this batch has settled, as `r`. */
const settled = `json_each(:messages) as m cross join refunds as r on r.refund_id = ${told("paymentId")} and r.settled_run = :run`;
const refunded = `${settled} and r.state = 'refunded'`;

const record = emission("PaymentRecorded", {
	from: refunded,
	data: `json_object('paymentId', r.refund_id, 'outcome', 'refunded', 'amountMinor', r.net_minor + r.tax_minor,
		'currency', r.currency, 'period', json(m.value->'$.invoice.period'), 'recordedAt', r.settled_at)`,
});

const issue = issuing(`exists (
	select 1 from refunds where refund_id = ${told("paymentId")} and settled_run = :run and state = 'refunded')`);

/** While what the staff wanted to give back was not refused yet, nothing was owed of that. */
const refused = `select r.customer_id from ${settled} and ${told("outcome")} = 'refused' and r.requested_by <> 'billing'`;
const compareAgain = `${reopenPlans} where customer_id in (${refused})`;
/** Where no invoice comes any more, what is owed is given back. */
const lookAtVoid = `update periods set look_at = :now where state = 'void' and customer_id in (${refused})`;

const effects = [settle, ...issue, record, compareAgain, lookAtVoid].map(effect);

/**
 * Writes down what became of some refunds of one shard, in one batch with the credit notes of those that are done, and sets
 * their deliveries to work. What was settled meanwhile stays as it is.
 */
export async function settleRefunds(ctx: BillingCtx, shard: Shard, rows: readonly Settlement[]): Promise<void> {
	const { effects: results } = await commitRows(ctx, shard, { effects, rows, params: { shard } });
	const deliveries = (results[issue.length]?.results ?? []) as { invoice_id: string }[]; // what the last one of `issue` returns
	await ensureDeliveries(
		ctx,
		deliveries.map(({ invoice_id }) => invoice_id),
	);
}
