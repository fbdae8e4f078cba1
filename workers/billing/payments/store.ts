import { sql } from "../../../shared/sql.ts";

/** Periods that are to be looked at, for nobody else until `:until`. */
export const claimPeriods = sql(`
	update periods set look_at = :until
	where (customer_id, from_at) in (
		select customer_id, from_at from periods where look_at <= :now order by look_at limit :limit)
	returning customer_id as customerId, from_at as fromAt`);

const sealed = "v.card_id, v.customer_id, v.kek_id, v.wrapped_key, v.sealed_card";

/**
 * The invoice of it that came back from its customer's shard (docs/runbooks/restore-billing.md), while its attempt is not known
 * yet; unless the staff have given back what was charged otherwise: that attempt alone is given up with the provider's name of its
 * charge.
 */
const invoiced = `(select json_object('paymentId', i.payment_id, 'document', json(i.document)) from invoices as i
	where i.customer_id = p.customer_id and i.run = 'after-a-restore' and i.kind = 'invoice'
		and i.document->>'$.period.from' = p.from_at and p.state <> 'paid'
		and not exists (select 1 from attempts as given_back where given_back.customer_id = p.customer_id
			and given_back.from_at = p.from_at and given_back.state = 'given_up' and given_back.charge_ref is not null)
	limit 1)`;

/** The periods of `:periods`, with their last attempts and the cards of those that are not settled. */
const selectPeriods = sql(`
	select p.customer_id, p.from_at, p.starts_at, p.period_index, p.state, p.attempt_at, p.look_at, p.declines, p.round_at,
		p.failure, ${invoiced} as invoiced, p.attempt_id, a.number, a.state as attempt_state, a.started_at, a.lookups, a.total_minor, a.currency,
		iif(a.state in ('started', 'unknown'), a.bill, null) as bill, v.card_id, v.kek_id, v.wrapped_key, v.sealed_card
	from json_each(:periods) as k
	cross join periods as p on p.customer_id = k.value->>'$.customerId' and p.from_at = k.value->>'$.fromAt'
	left join attempts as a on a.attempt_id = p.attempt_id
	left join vault as v on v.card_id = a.card_id and a.state in ('started', 'unknown')`);

/** A plan lasts a month at least: of what can still be adjusted, none is older than the newest 20. */
const newest = `s.starts_at >= coalesce(
	(select starts_at from subscriptions where customer_id = k.value order by starts_at desc limit 1 offset 19), 0)`;

const selectSubscriptions = sql(`
	select s.customer_id, s.starts_at, s.version, s.ends_at, s.phases, s.charged_version, s.reopened
	from json_each(:customers) as k cross join subscriptions as s on s.customer_id = k.value and ${newest}
	order by s.customer_id, s.starts_at`);

const selectContracts = sql(`
	select distinct c.contract_id, c.version, c.terms->>'$.name' as name, c.terms->>'$.price.amountMinor' as price_minor,
		c.terms->>'$.price.currency' as currency
	from json_each(:customers) as k cross join subscriptions as s on s.customer_id = k.value and ${newest}
	cross join json_each(s.phases) as phase cross join json_each(phase.value, '$.lines') as line
	cross join contract_versions as c
		on c.contract_id = line.value->>'$.contractId' and c.version = line.value->>'$.contractVersion'`);

/** The card that a customer is charged by: the newest that is verified. Null without one. */
export const cardOf = (customerId: string) => `(
	select newest.card_id from cards as newest
	where newest.customer_id = ${customerId} and newest.state = 'verified'
		and exists (select 1 from vault where vault.card_id = newest.card_id)
	order by newest.accepted_at desc, newest.card_id desc limit 1)`;

const selectCards = sql(`
	select ${sealed}, c.brand, c.last4
	from json_each(:customers) as k
	cross join cards as c on c.card_id = ${cardOf("k.value")}
	cross join vault as v on v.card_id = c.card_id`);

const selectCustomers = sql(`
	select c.customer_id, c.email, c.name, c.street, c.postal_code, c.city, c.country, c.region, c.language
	from json_each(:customers) as k cross join customers as c on c.customer_id = k.value`);

/** Changes with every adjustment of a customer that is made or taken back, and whenever their plans are to be compared again. */
export const adjustmentsSeen = (customerId: string) => `(
	select count(*) || ' ' || coalesce(sum(amount_minor), 0) || ' ' || coalesce(max(payment_id), '') || ' ' ||
		(select coalesce(sum(reopened), 0) from subscriptions where subscriptions.customer_id = ${customerId})
	from adjustments where adjustments.customer_id = ${customerId})`;

const selectSeen = sql(`select k.value as customer_id, ${adjustmentsSeen("k.value")} as seen from json_each(:customers) as k`);

/** What customers have paid since `:since`, of those only who have a plan that has changed since it was last charged. */
const selectPaid = sql(`
	select p.customer_id, p.from_at, p.starts_at, p.period_index, a.attempt_id, a.bill,
		(select coalesce(sum(amount_minor), 0) from adjustments
			where customer_id = p.customer_id and from_at = p.from_at) as adjusted_minor,
		(select coalesce(sum(net_minor), 0) from refunds
			where attempt_id = a.attempt_id and state <> 'failed') as refunded_net_minor,
		(select coalesce(sum(net_minor), 0) from refunds
			where attempt_id = a.attempt_id and state <> 'failed' and requested_by <> 'billing') as staff_refunded_minor,
		(select coalesce(sum(tax_minor), 0) from refunds
			where attempt_id = a.attempt_id and state <> 'failed') as refunded_tax_minor,
		(select count(*) from refunds where attempt_id = a.attempt_id and requested_by = 'billing') as owed_refunds
	from json_each(:customers) as k
	cross join periods as p on p.customer_id = k.value and p.from_at >= :since and p.state = 'paid'
	cross join attempts as a on a.attempt_id = p.attempt_id
	where exists (select 1 from subscriptions as s where s.customer_id = k.value and s.version > s.charged_version)
	order by p.from_at`);

/** All that is read of a page of periods, in this order, in one batch. */
export const reads = {
	periods: selectPeriods,
	subscriptions: selectSubscriptions,
	contracts: selectContracts,
	cards: selectCards,
	customers: selectCustomers,
	seen: selectSeen,
	paid: selectPaid,
} as const;
