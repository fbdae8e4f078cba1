import { type Bill, billOf } from "../invoices/bill.ts";
import type { Terms } from "../invoices/terms.ts";
import { type Difference, differencesOf, type OwedRefund, owedRefunds, setOff } from "./differences.ts";
import {
	type Attempt,
	type AttemptBill,
	type Catalogue,
	type Customer,
	contractsAt,
	type Invoiced,
	isEndedAt,
	isUnsettled,
	type Period,
	type Subscription,
	type VaultCard,
} from "./picture.ts";

/** Why nothing can be decided yet: it is looked at again when the lease is over. */
export type Hold =
	| "subscription_unknown"
	| "contract_not_replicated"
	| "customer_unknown"
	| "card_not_opened"
	| "bill_not_made"
	| "charge_not_found";

/** Attempts of a period of which the one that was paid is looked for: nobody was ever asked so often in the month of a restore. */
const mostAttempts = 40;

/** What is to be done with a period that is looked at. */
export type Decision =
	/** Nothing before `lookAt`; null is nothing any more by itself. */
	| { readonly kind: "rest"; readonly lookAt: number | null }
	| { readonly kind: "hold"; readonly reason: Hold }
	/** Another period takes what is to be adjusted: what that leaves, this one gives back when its lease is over. */
	| { readonly kind: "later" }
	/** An attempt is not settled: what has become of it, the provider knows. */
	| { readonly kind: "look_up"; readonly attempt: Attempt }
	/** The plan was over before it: nothing is to be paid, and what was paid too much is given back. */
	| {
			readonly kind: "end";
			readonly plan: Subscription;
			readonly currency: string;
			readonly refunds: readonly OwedRefund[];
			readonly settles: Settles;
	  }
	/** It waits for a card. */
	| { readonly kind: "wait"; readonly plan: Subscription; readonly bill: Bill }
	/** An attempt begins; without a card when there is nothing to pay. */
	| { readonly kind: "begin"; readonly plan: Subscription; readonly bill: AttemptBill; readonly card: VaultCard | null };

type Settles = AttemptBill["settles"];

export interface Circumstances {
	readonly now: number;
	readonly terms: Pick<Terms, "lease" | "taxRates">;
	readonly catalogue: Catalogue;
	/** False when another period of the customer takes what is to be adjusted. */
	readonly adjusts: boolean;
}

/** Decides about one period by what is known of it now. */
export function decide(period: Period, customer: Customer, circumstances: Circumstances): Decision {
	const { now, terms } = circumstances;
	const { attempt, state, attemptAt, fromAt } = period;
	if (isUnsettled(attempt)) {
		const ofAnother = attempt.startedAt + terms.lease; // a run that began it may still be asking
		return attempt.state === "started" && now < ofAnother ? { kind: "rest", lookAt: ofAnother } : { kind: "look_up", attempt };
	}
	if (state === "paid") return { kind: "rest", lookAt: null };
	const plan = customer.subscriptions.find(({ startsAt }) => startsAt === period.startsAt);
	if (!plan) return { kind: "hold", reason: "subscription_unknown" };
	if (isEndedAt(plan, fromAt) && !period.invoiced) return end(plan, period, customer, circumstances);
	if (state !== "due" || attemptAt === null) return { kind: "rest", lookAt: null };
	if (attemptAt > now) return { kind: "rest", lookAt: attemptAt };
	return period.invoiced ? find(plan, period, period.invoiced) : charge(plan, period, customer, circumstances);
}

/** The attempt by which it was paid is looked for, one after the other: over what the invoice says, whatever the plan says by now. */
function find(plan: Subscription, { attempt }: Period, { paymentId, document }: Invoiced): Decision {
	if (attempt?.attemptId === paymentId || (attempt?.number ?? 0) >= mostAttempts)
		return { kind: "hold", reason: "charge_not_found" };
	const { lines, netMinor, tax, totalMinor, currency, card } = document;
	const adjustments = lines.flatMap(({ kind, period: { from: fromAt }, amountMinor }) =>
		kind === "adjustment" ? [{ fromAt, amountMinor }] : [],
	);
	const charged = { lines, netMinor, tax, totalMinor, currency, adjustments, card };
	// by which version is not known: it is compared in any case
	return { kind: "begin", plan, bill: { ...charged, settles: [], planVersion: 0 }, card: null };
}

function end(plan: Subscription, period: Period, customer: Customer, circumstances: Circumstances): Decision {
	if (!circumstances.adjusts && isLate(customer)) return { kind: "later" };
	const found = lateDifferences(customer, circumstances);
	const currency = contractsAt(plan, period.fromAt, circumstances.catalogue)?.[0]?.currency;
	if (!found || currency === undefined) return { kind: "hold", reason: "contract_not_replicated" };
	const refunds = owedRefunds(found, customer.paid);
	const isOwedMore = setOff(found).some((left) => left > 0);
	const settles = isOwedMore ? [] : allOf(customer);
	if (period.state === "void" && settles.length === 0 && refunds.length === 0) return { kind: "rest", lookAt: null };
	return { kind: "end", plan, currency, refunds, settles };
}

function charge(plan: Subscription, period: Period, customer: Customer, circumstances: Circumstances): Decision {
	const { profile, card } = customer;
	const { taxRates } = circumstances.terms;
	if (!profile) return { kind: "hold", reason: "customer_unknown" };
	const contracts = contractsAt(plan, period.fromAt, circumstances.catalogue);
	const adjustments = lateDifferences(customer, circumstances);
	if (!contracts || !adjustments) return { kind: "hold", reason: "contract_not_replicated" };
	const { region, language } = profile;
	const span = { from: period.fromAt, to: period.toAt };
	const bill = billOf({ contracts, period: span, adjustments, region, taxRates, language });
	if (bill.totalMinor > 0 && !card) return { kind: "wait", plan, bill };
	const charged = bill.totalMinor > 0 ? card : null;
	const settles = circumstances.adjusts && takesAll(bill, adjustments) ? allOf(customer) : [];
	return { kind: "begin", plan, bill: { ...bill, card: shown(charged), settles, planVersion: plan.version }, card: charged };
}

const isLate = ({ subscriptions }: Customer) => subscriptions.some(({ version, chargedVersion }) => version > chargedVersion);

function lateDifferences(customer: Customer, { adjusts, catalogue }: Circumstances): Difference[] | undefined {
	return adjusts && isLate(customer) ? differencesOf(customer.paid, customer.subscriptions, catalogue) : [];
}

/** What is left over waits, and so do the plans: they are compared again. */
function takesAll(bill: Bill, differences: readonly Difference[]): boolean {
	const sum = (parts: readonly { readonly amountMinor: number }[]) =>
		parts.reduce((total, { amountMinor }) => total + Math.abs(amountMinor), 0);
	return sum(bill.adjustments) === sum(differences);
}

const allOf = (customer: Customer): Settles =>
	isLate(customer) ? customer.subscriptions.map(({ startsAt, version, reopened }) => ({ startsAt, version, reopened })) : [];

function shown(card: VaultCard | null): AttemptBill["card"] {
	return card?.brand && card.last4 ? { brand: card.brand, last4: card.last4 } : null;
}
