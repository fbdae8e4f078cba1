import type { Buyer, Invoice, PaymentReason } from "../../../shared/events/billing.ts";
import type { Language, PlanChanged } from "../../../shared/events/customer.ts";
import type { Bill, BilledContract } from "../invoices/bill.ts";
import type { CardOwner, SealedCard } from "../vault/vault.ts";

/** What is known of a period and its customer when it is looked at. Times in milliseconds. */

/** The bill of an attempt, with what has to be known when it is settled. */
export interface AttemptBill extends Bill {
	/** That is asked for it; null when there is nothing to pay. */
	readonly card: Invoice["card"];
	/** Plans whose changes it has taken in, all of them: up to this version nothing is left to adjust. */
	readonly settles: readonly { readonly startsAt: number; readonly version: number; readonly reopened: number }[];
	/** Of the plan that it was made by: when that has changed by the time it is paid, it is compared again. */
	readonly planVersion: number;
}

export interface Attempt {
	readonly attemptId: string;
	readonly number: number;
	readonly state: "started" | "unknown" | "approved" | "declined_soft" | "declined_hard" | "given_up";
	readonly startedAt: number;
	readonly lookups: number;
	readonly totalMinor: number;
	readonly currency: string;
	/** While it is not settled. */
	readonly bill: AttemptBill | null;
	/** Its card, as long as that is in the vault. */
	readonly card: VaultCard | null;
}

/** A period was paid, and its invoice is there, though its attempt was forgotten with a database that was put back. */
export interface Invoiced {
	/** Of the attempt. */
	readonly paymentId: string;
	/** What was charged. */
	readonly document: Pick<Invoice, "lines" | "netMinor" | "tax" | "totalMinor" | "currency" | "card">;
}

export interface Period {
	readonly customerId: string;
	readonly fromAt: number;
	/** Exclusive. */
	readonly toAt: number;
	/** Of its plan. */
	readonly startsAt: number;
	readonly index: number;
	readonly state: "due" | "paid" | "parked" | "void";
	readonly attemptAt: number | null;
	readonly lookAt: number | null;
	readonly declines: number;
	readonly roundAt: number | null;
	readonly failure: PaymentReason | null;
	readonly invoiced: Invoiced | null;
	/** The last one. */
	readonly attempt: Attempt | null;
}

export interface Subscription {
	readonly startsAt: number;
	/** Exclusive: its own end, or the beginning of the customer's next plan. */
	readonly endsAt: number | null;
	readonly version: number;
	readonly chargedVersion: number;
	readonly reopened: number;
	readonly phases: PlanChanged["phases"];
}

/** A period that was paid, when a plan of its customer has changed since. */
export interface PaidPeriod {
	readonly fromAt: number;
	readonly toAt: number;
	readonly startsAt: number;
	readonly attemptId: string;
	readonly bill: Bill;
	/** What was charged or given back for it afterwards, before tax. */
	readonly adjustedMinor: number;
	/** What was given back of its charge. */
	readonly refundedNetMinor: number;
	readonly refundedTaxMinor: number;
	/** What the staff gave back of that, before tax: it cannot be given back again. */
	readonly staffRefundedMinor: number;
	/** Refunds that were owed, so far. */
	readonly owedRefunds: number;
}

export interface VaultCard extends CardOwner, SealedCard {
	readonly brand: NonNullable<Invoice["card"]>["brand"] | null;
	readonly last4: string | null;
}

export interface Customer {
	/** Null while billing has heard nothing of them. */
	readonly profile: (Buyer & { readonly region: string | null; readonly language: Language }) | null;
	/** The oldest first. */
	readonly subscriptions: readonly Subscription[];
	/** The newest that is verified. */
	readonly card: VaultCard | null;
	readonly paid: readonly PaidPeriod[];
	/** Changes with every adjustment that is made or taken back, and whenever plans are to be compared again. */
	readonly adjustmentsSeen: string;
}

/** Of this shard's replica: `<contract id> <version>` → what it costs. */
export type Catalogue = ReadonlyMap<string, BilledContract>;

export const phaseAt = ({ phases }: Pick<Subscription, "phases">, at: number) => phases.findLast(({ from }) => from <= at);

/** What is paid for from `at` on; undefined when this shard does not know all of it, or the plan nothing of that time. */
export function contractsAt(
	subscription: Pick<Subscription, "phases">,
	at: number,
	catalogue: Catalogue,
): BilledContract[] | undefined {
	const contracts = phaseAt(subscription, at)?.lines.map(({ contractId, contractVersion }) =>
		catalogue.get(`${contractId} ${contractVersion}`),
	);
	return contracts?.every((contract) => contract !== undefined) ? contracts : undefined;
}

export const isEndedAt = ({ endsAt }: Pick<Subscription, "endsAt">, at: number) => endsAt !== null && endsAt <= at;

export const isUnsettled = (attempt: Attempt | null): attempt is Attempt =>
	attempt?.state === "started" || attempt?.state === "unknown";
