import type { Cluster } from "../cluster.ts";
import type { ChargeEntry } from "../fake-payments.ts";
import { taxOf } from "./payments-oracle.ts";

/** At every moment, of each shard of billing: attempts, periods, documents, numbers and deliveries fit together. */
const selectTorn = `
	select 'approved, and its period is not paid: ' || a.attempt_id as what from attempts as a
		join periods as p on (p.customer_id, p.from_at) = (a.customer_id, a.from_at) where a.state = 'approved' and p.state <> 'paid'
	union all select 'paid without an attempt: ' || customer_id || ' ' || from_at from periods as p where state = 'paid'
		and 1 <> (select count(*) from attempts as a where (a.customer_id, a.from_at) = (p.customer_id, p.from_at) and a.state = 'approved')
	union all select 'approved, and without an invoice: ' || attempt_id from attempts where state = 'approved'
		and 1 <> (select count(*) from invoices where payment_id = attempt_id and kind = 'invoice')
	union all select 'an invoice of what is not paid: ' || i.number from invoices as i left join attempts as a on a.attempt_id = i.payment_id
		where i.kind = 'invoice' and a.state is not 'approved' and i.run <> 'after-a-restore'
	union all select 'an invoice over another amount: ' || i.number from invoices as i join attempts as a on a.attempt_id = i.payment_id
		where (i.total_minor, i.currency) is not (a.total_minor, a.currency)
	union all select 'given back, and without a credit note: ' || refund_id from refunds where state = 'refunded'
		and 1 <> (select count(*) from invoices where payment_id = refund_id and kind = 'credit_note')
	union all select 'a credit note of what is not given back: ' || i.number from invoices as i left join refunds as r on r.refund_id = i.payment_id
		where i.kind = 'credit_note' and r.state is not 'refunded'
	union all select 'a credit note over another amount: ' || i.number from invoices as i join refunds as r on r.refund_id = i.payment_id
		where (i.total_minor, i.currency) is not (r.net_minor + r.tax_minor, r.currency)
	union all select 'more is given back than was paid: ' || a.attempt_id from refunds as r join attempts as a using (attempt_id)
		where r.state <> 'failed' group by a.attempt_id having sum(r.net_minor + r.tax_minor) > a.total_minor
	union all select 'a document without its delivery: ' || number from invoices where invoice_id not in (select invoice_id from deliveries)
	union all select 'a delivery of nothing: ' || invoice_id from deliveries where invoice_id not in (select invoice_id from invoices)
	union all select 'a gap, or a number twice: ' || kind from invoices group by kind
		having count(*) <> max(number) or count(distinct number) <> count(*)
	union all select 'a series is somewhere else: ' || kind from series as s
		where last <> coalesce((select max(number) from invoices as i where i.kind = s.kind), 0)`;

/** A card that will never do is asked again when somebody says so, which is at once, and not another day. */
const selectHopeless = (now: number) => `select 'to be asked again though its card will never do: ' || a.attempt_id as what
	from periods as p join attempts as a using (attempt_id) where a.state = 'declined_hard' and p.state = 'due' and p.attempt_at > ${now}`;

interface Begun {
	attempt_id: string;
	customer_id: string;
	from_at: number;
	total_minor: number;
	/** Of one that has begun again, since its database was put back: over how much it had begun before. */
	total_before: number | null;
}

/** By the id of each attempt that billing has ever begun. */
const begunBy = (cluster: Cluster) =>
	new Map(cluster.rows<Begun>("billing", "select * from attempts_begun").map((one) => [one.attempt_id, one]));

const amountsOf = ({ total_minor, total_before }: Begun, { outcome }: ChargeEntry["outcome"]) =>
	outcome === "declined" ? [total_minor, total_before] : [total_minor];

/**
 * At every moment: the provider has charged each period once at most, and what it has charged is what the attempt says. What it has
 * declined takes nobody's money: that may be of another amount, by the plan as it was before the database was put back.
 */
function ledgerAtEveryMoment(cluster: Cluster): string[] {
	const { ledger } = cluster;
	const found = [...ledger.violations];
	const begun = begunBy(cluster);
	const chargedFor = new Map<string, string>();
	for (const { asked, outcome } of ledger.charges) {
		const attempt = begun.get(asked.attemptId);
		if (!attempt) found.push(`${asked.attemptId} was charged, and never began`);
		else if (!amountsOf(attempt, outcome).includes(asked.amountMinor))
			found.push(`${asked.attemptId} was charged over another amount`);
		else if (attempt.customer_id !== asked.customerId) found.push(`${asked.attemptId} was charged for somebody else`);
		if (!attempt || outcome.outcome !== "approved") continue;
		const period = `${attempt.customer_id} ${attempt.from_at}`;
		const before = chargedFor.get(period);
		if (before) found.push(`${period} was charged twice: ${before} and ${asked.attemptId}`);
		chargedFor.set(period, asked.attemptId);
	}
	return found;
}

export const paymentsAtEveryMoment = (cluster: Cluster): string[] => [
	...cluster.rows<{ what: string }>("billing", selectTorn).map(({ what }) => what),
	...cluster.rows<{ what: string }>("billing", selectHopeless(cluster.world.now)).map(({ what }) => what),
	...ledgerAtEveryMoment(cluster),
];

interface Document {
	invoice_id: string;
	kind: string;
	number: number;
	customer_id: string;
	payment_id: string;
	total_minor: number;
	document: string;
}

/** In the end: every document adds up, is at its customer once and whole, and was told of; nothing of it is underway. */
export function documentsInTheEnd(cluster: Cluster): string[] {
	const found: string[] = [];
	const documents = cluster.rows<Document>("billing", "select * from invoices");
	const there = new Map(
		cluster
			.rows<{ id: string; customer_id: string; document: string }>("customer", "select id, customer_id, document from invoices")
			.map((row) => [row.id, row]),
	);
	for (const { invoice_id: id, customer_id, document } of documents) {
		const invoice: Written = JSON.parse(document);
		found.push(...mistakesIn(invoice));
		const here = there.get(id);
		if (!here) found.push(`${invoice.number} is not at its customer`);
		else if (here.customer_id !== customer_id) found.push(`${invoice.number} is at another customer`);
		else if (canonical(JSON.parse(here.document)) !== canonical(invoice))
			found.push(`${invoice.number} is another one at its customer`);
	}
	// those that were brought back after a restore come before their attempts
	const unpaid =
		"select number from invoices where kind = 'invoice' and payment_id not in (select attempt_id from attempts where state = 'approved')";
	found.push(
		...cluster.rows<{ number: number }>("billing", unpaid).map(({ number }) => `invoice ${number} is of nothing that is paid`),
	);
	if (there.size > documents.length) found.push("a customer has an invoice that was never issued");
	const undelivered = cluster.rows<{ invoice_id: string }>(
		"billing",
		"select invoice_id from deliveries where delivered_at is null",
	);
	found.push(...undelivered.map(({ invoice_id }) => `${invoice_id} is not known to be delivered`));
	found.push(...cluster.objects.left.map((id) => `the object of ${id} is still there`));
	return found;
}

interface Written {
	readonly number: string;
	readonly lines: readonly { readonly amountMinor: number }[];
	readonly netMinor: number;
	readonly tax: { readonly region: string | null; readonly amountMinor: number };
	readonly totalMinor: number;
}

function mistakesIn({ number, lines, netMinor, tax, totalMinor }: Written): string[] {
	const found: string[] = [];
	let sum = 0;
	for (const { amountMinor } of lines) sum += amountMinor;
	if (sum !== netMinor) found.push(`${number}: its lines are ${sum}, not ${netMinor}`);
	if (netMinor + tax.amountMinor !== totalMinor) found.push(`${number} does not add up`);
	// a credit note may give back the rest of a tax that was rounded before
	if (number.startsWith("INV") && tax.amountMinor !== taxOf(netMinor, tax.region)) found.push(`${number} has another tax`);
	return found;
}

/** The same whatever the order of its fields. */
function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${fields.map(([name, each]) => `${name}:${canonical(each)}`).join()}}`;
}

interface RefundRow {
	refund_id: string;
	state: string;
	net_minor: number;
	tax_minor: number;
	refund_ref: string | null;
	charge_ref: string | null;
}

/** In the end: what the provider has given back is what the credit notes say, of the charges that they say. */
export function refundsInTheEnd(cluster: Cluster): string[] {
	const found: string[] = [];
	const rows = cluster.rows<RefundRow>(
		"billing",
		"select r.refund_id, r.state, r.net_minor, r.tax_minor, r.refund_ref, a.charge_ref from refunds as r left join attempts as a using (attempt_id)",
	);
	// one that is tried again after a refusal is asked for under another id
	const byRef = new Map(rows.map((row) => [row.refund_ref, row]));
	const given = new Set<string>();
	for (const { asked, outcome } of cluster.ledger.refunds) {
		if (outcome.outcome !== "refunded") continue;
		given.add(outcome.ref);
		const row = byRef.get(outcome.ref);
		if (row?.state !== "refunded")
			found.push(`${asked.refundId} was given back, and billing says ${row?.state ?? "nothing"} of it`);
		else if (row.net_minor + row.tax_minor !== asked.amountMinor)
			found.push(`${asked.refundId} was given back over another amount`);
		else if (row.charge_ref !== asked.chargeRef) found.push(`${asked.refundId} was given back from another charge`);
	}
	for (const { refund_id, state, refund_ref } of rows) {
		if (state === "refunded" && !given.has(refund_ref ?? "")) found.push(`${refund_id} is called given back and is not`);
		if (state === "due" || state === "unknown") found.push(`${refund_id} is still ${state}`);
	}
	return found;
}
