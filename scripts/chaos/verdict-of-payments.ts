import { isDeepStrictEqual } from "node:util";
import type { ChargeEntry } from "../dev/payments/ledger.ts";
import type { DeployedWorker } from "../workers.ts";
import type { Payer } from "./payments.ts";
import type { Stored } from "./stored.ts";

type Row = Stored[string][number];

export interface PaymentEvidence {
	readonly paying: readonly Payer[];
	/** All that the payment provider was ever asked to charge. */
	readonly ledger: readonly ChargeEntry[];
	/** The texts of all that was ever given to a provider of e-mail. */
	readonly mails: readonly string[];
	/** When the stack was killed, in milliseconds. */
	readonly killedAt: readonly number[];
	readonly stored: Readonly<Record<DeployedWorker, readonly Stored[]>>;
}

/** What of the money is not as it should be, in words: one charge, one invoice and one mail for each month that was to be paid. */
export function paymentFailures(evidence: PaymentEvidence): string[] {
	const { paying, stored } = evidence;
	const of = (worker: DeployedWorker, table: string) =>
		Map.groupBy(
			stored[worker].flatMap((database) => database[table] ?? []),
			(row) => row["customer_id"],
		);
	const there = { periods: of("billing", "periods"), invoices: of("billing", "invoices") };
	const here = { invoices: of("customer", "invoices"), mails: of("notification", "notifications") };
	const charges = Map.groupBy(
		evidence.ledger.filter(({ result }) => result.outcome === "approved"),
		({ customer }) => customer,
	);
	const found: string[] = [];
	for (const { customerId, priceMinor, months } of paying) {
		const own = {
			"paid periods": (there.periods.get(customerId) ?? []).filter(({ state }) => state === "paid"),
			charges: charges.get(customerId) ?? [],
			"invoices at billing": there.invoices.get(customerId) ?? [],
			"invoices in the portal": here.invoices.get(customerId) ?? [],
			"mails about an invoice to be sent": (here.mails.get(customerId) ?? []).filter(
				({ template }) => template === "invoice_issued",
			),
		};
		for (const [what, { length }] of Object.entries(own))
			if (length !== months) found.push(`${customerId} has ${length} ${what} for ${months} months`);
		const copies = new Map(own["invoices in the portal"].map((copy) => [copy["id"], copy]));
		const charged = new Map(own.charges.map(({ id, amountMinor }) => [id, amountMinor]));
		for (const invoice of own["invoices at billing"]) {
			const { invoice_id, payment_id, total_minor } = invoice;
			const amount = charged.get(String(payment_id));
			if (amount !== total_minor) found.push(`${payment_id} has charged ${amount}, and ${invoice_id} says ${total_minor}`);
			if (netOf(invoice) !== priceMinor)
				found.push(`${customerId} signed for ${priceMinor}, and ${invoice_id} says ${netOf(invoice)}`);
			if (!isDeepStrictEqual(documentOf(copies.get(String(invoice_id))), documentOf(invoice)))
				found.push(`${invoice_id} is another one in the portal`);
			found.push(...mailFailures(String(invoice_id), own["mails about an invoice to be sent"], evidence));
		}
	}
	return [...found, ...unknownCharges(evidence), ...gaps(stored["billing"]), ...undelivered(stored["billing"])];
}

/** Months that were to be paid, charges whose outcome nobody knew, and invoices and mails that had not arrived, as a killed stack has stored them. */
export function paymentsUnderWay(stored: PaymentEvidence["stored"]): Record<"months" | "charges" | "invoices" | "mails", number> {
	const now = Date.now();
	const count = (worker: DeployedWorker, table: string, isCounted: (row: Row) => boolean) =>
		stored[worker].flatMap((database) => database[table] ?? []).filter(isCounted).length;
	const isMailed = ({ template, status }: Row) => template === "invoice_issued" && status === "sent";
	return {
		months: count("billing", "periods", ({ state, from_at }) => state === "due" && Number(from_at) <= now),
		charges: count("billing", "attempts", ({ state }) => state === "started" || state === "unknown"),
		invoices: count("billing", "deliveries", ({ delivered_at }) => delivered_at === null),
		mails: count("customer", "invoices", () => true) - count("notification", "notifications", isMailed),
	};
}

/** Milliseconds: the simulator takes a mail before it writes the file by which it is counted. */
const untilWritten = 3000;

/** Its mail left once. Only one whose claim was killed may leave again when its lease is over, and may not have left before. */
function mailFailures(invoiceId: string, requests: readonly Row[], { mails, killedAt }: PaymentEvidence): string[] {
	const left = mails.filter((text) => text.includes(`/invoices/${invoiceId}\n`)).length;
	const most = Math.max(0, ...requests.map(({ attempts }) => Number(attempts)));
	const mayBeMissing = requests.some(
		({ status, ended_at }) =>
			status === "pending" || killedAt.some((killed) => Number(ended_at) <= killed && killed < Number(ended_at) + untilWritten),
	);
	return left <= most && (left > 0 || mayBeMissing) ? [] : [`the mail of ${invoiceId} left ${left} times`];
}

const documentOf = (invoice: Row | undefined) => JSON.parse(String(invoice?.["document"] ?? "{}"));
const netOf = (invoice: Row | undefined) => documentOf(invoice).netMinor;

/** Whatever was charged, billing knows, and for another period each. */
function unknownCharges({ ledger, stored }: PaymentEvidence): string[] {
	const attempts = new Map(
		stored["billing"].flatMap(({ attempts = [] }) => attempts).map((attempt) => [attempt["attempt_id"], attempt]),
	);
	const charged = new Set<string>();
	return ledger.flatMap(({ id, result }) => {
		if (result.outcome !== "approved") return [];
		const attempt = attempts.get(id);
		if (attempt?.["state"] !== "approved") return [`${id} was charged, and billing takes it for ${attempt?.["state"]}`];
		const period = `${attempt["customer_id"]} ${attempt["from_at"]}`;
		if (charged.has(period)) return [`${id} charges a period that was paid`];
		charged.add(period);
		return [];
	});
}

/** The numbers of each series of each shard are 1, 2, 3 … */
function gaps(shards: readonly Stored[]): string[] {
	return shards.flatMap(({ invoices = [] }, shard) => {
		const numbers = invoices.map(({ number }) => Number(number)).sort((a, b) => a - b);
		return numbers.every((number, at) => number === at + 1) ? [] : [`the invoices of shard ${shard} are ${numbers.join(", ")}`];
	});
}

const undelivered = (shards: readonly Stored[]): string[] =>
	shards.flatMap(({ deliveries = [] }) =>
		deliveries.flatMap(({ invoice_id, delivered_at }) => (delivered_at === null ? [`${invoice_id} was not delivered`] : [])),
	);
