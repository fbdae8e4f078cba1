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
	readonly stored: Readonly<Record<DeployedWorker, readonly Stored[]>>;
}

/** What of the money is not as it should be, in words: one charge, one invoice and one mail for each who was to pay. */
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
	for (const { customerId, priceMinor } of paying) {
		const paid = (there.periods.get(customerId) ?? []).filter(({ state }) => state === "paid").length;
		const [charge, ...more] = charges.get(customerId) ?? [];
		const [invoice, ...others] = there.invoices.get(customerId) ?? [];
		const copies = here.invoices.get(customerId) ?? [];
		const mails = (here.mails.get(customerId) ?? []).filter(({ template }) => template === "invoice_issued");
		if (paid !== 1) found.push(`${customerId} has ${paid} paid periods`);
		if (!charge || more.length > 0) found.push(`${customerId} was charged ${charge ? more.length + 1 : 0} times`);
		if (!invoice || others.length > 0) found.push(`${customerId} has ${invoice ? others.length + 1 : 0} invoices at billing`);
		if (copies.length !== 1) found.push(`${customerId} has ${copies.length} invoices in the portal`);
		if (mails.length !== 1) found.push(`${customerId} is to be sent ${mails.length} mails about an invoice`);
		if (invoice && mails[0]) found.push(...mailFailures(invoice["invoice_id"], mails[0], evidence.mails));
		if (charge && invoice && charge.amountMinor !== invoice["total_minor"])
			found.push(`${customerId} was charged ${charge.amountMinor}, and the invoice says ${invoice["total_minor"]}`);
		if (netOf(invoice) !== priceMinor)
			found.push(`${customerId} signed for ${priceMinor}, and the invoice says ${netOf(invoice)}`);
		if (copies[0] && !isDeepStrictEqual(documentOf(copies[0]), documentOf(invoice)))
			found.push(`the invoice of ${customerId} is another one in the portal`);
	}
	return [...found, ...unknownCharges(evidence), ...gaps(stored["billing"]), ...undelivered(stored["billing"])];
}

/** Charges whose outcome nobody knew, and invoices and mails that had not arrived, as a killed stack has stored them. */
export function paymentsUnderWay(stored: PaymentEvidence["stored"]): Record<"charges" | "invoices" | "mails", number> {
	const count = (worker: DeployedWorker, table: string, isCounted: (row: Row) => boolean) =>
		stored[worker].flatMap((database) => database[table] ?? []).filter(isCounted).length;
	const isMailed = ({ template, status }: Row) => template === "invoice_issued" && status === "sent";
	return {
		charges: count("billing", "attempts", ({ state }) => state === "started" || state === "unknown"),
		invoices: count("billing", "deliveries", ({ delivered_at }) => delivered_at === null),
		mails: count("customer", "invoices", () => true) - count("notification", "notifications", isMailed),
	};
}

/** Its mail left once. Only one whose claim was killed may leave again when its lease is over, and may not have left before. */
function mailFailures(id: Row[string] | undefined, { status, attempts }: Row, mails: readonly string[]): string[] {
	const left = mails.filter((text) => text.includes(`/invoices/${id}\n`)).length;
	const isRight = left <= Number(attempts) && (left > 0 || status === "pending");
	return isRight ? [] : [`the mail of ${id} is ${status} after ${attempts} attempts, and left ${left} times`];
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
