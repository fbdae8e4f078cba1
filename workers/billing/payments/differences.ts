import type { Adjustment } from "../invoices/bill.ts";
import { type Catalogue, contractsAt, isEndedAt, type PaidPeriod, phaseAt, type Subscription } from "./picture.ts";

/** A paid period, and what it should have cost less what it has: before tax. */
export interface Difference extends Adjustment {
	readonly paid: PaidPeriod;
}

/**
 * What has become wrong of what was paid, since changes came late: by what the plans say now. What the staff have given back is
 * beside that, but nothing is owed that is not there any more. Undefined while this shard does not know what something costs. A
 * period of which its plan says nothing any more stays as it was paid.
 */
export function differencesOf(
	paid: readonly PaidPeriod[],
	subscriptions: readonly Subscription[],
	catalogue: Catalogue,
): Difference[] | undefined {
	const found: Difference[] = [];
	for (const period of paid) {
		const subscription = subscriptions.find(({ startsAt }) => startsAt === period.startsAt);
		if (!subscription || !phaseAt(subscription, period.fromAt)) continue;
		const contracts = isEndedAt(subscription, period.fromAt) ? [] : contractsAt(subscription, period.fromAt, catalogue);
		if (!contracts) return undefined;
		const { currency, lines } = period.bill;
		// what was charged in one currency is not made up for in another
		if (contracts.some((contract) => contract.currency !== currency)) continue;
		const due = contracts.reduce((sum, { priceMinor }) => sum + priceMinor, 0);
		const charged = lines.reduce((sum, { kind, amountMinor }) => (kind === "contract" ? sum + amountMinor : sum), 0);
		const still = Math.max(charged + period.adjustedMinor - period.staffRefundedMinor, 0);
		const amountMinor = Math.max(due - charged - period.adjustedMinor, -still);
		const span = { from: period.fromAt, to: period.toAt };
		if (amountMinor !== 0) found.push({ period: span, amountMinor, currency, paid: period });
	}
	return found;
}

/** What is given back of one charge, and for which periods. */
export interface OwedRefund {
	readonly attemptId: string;
	/** 1, 2, 3 … of the charge. */
	readonly number: number;
	readonly netMinor: number;
	readonly taxMinor: number;
	readonly currency: string;
	/** What was given back of it before, with tax. */
	readonly givenMinor: number;
	/** What it makes up for, and what was set off against that: together what is given back, below 0. */
	readonly adjustments: readonly { readonly fromAt: number; readonly amountMinor: number }[];
}

/**
 * What was paid too little is set off against what was paid too much in the same currency: what is left of each difference.
 * Above 0, it waits for an invoice.
 */
export function setOff(differences: readonly Pick<Difference, "amountMinor" | "currency">[]): number[] {
	const left = differences.map(({ amountMinor }) => amountMinor);
	for (const [i, more] of differences.entries()) {
		for (const [j, less] of differences.entries()) {
			const part = more.currency === less.currency ? Math.min(left[i] ?? 0, -(left[j] ?? 0)) : 0;
			if (part <= 0) continue;
			left[i] = (left[i] ?? 0) - part;
			left[j] = (left[j] ?? 0) + part;
		}
	}
	return left;
}

/**
 * How what was paid too much is given back when no invoice comes any more: each period's from its own charge, and what that
 * does not hold any more from the customer's others. Never more than is left of a charge, and with the tax that it had.
 */
export function owedRefunds(differences: readonly Difference[], paid: readonly PaidPeriod[]): OwedRefund[] {
	const given = paid.map((charge) => ({
		charge,
		left: charge.bill.netMinor - charge.refundedNetMinor,
		adjustments: new Map<number, number>(),
	}));
	const owing = setOff(differences);
	for (const [i, { period, currency, paid: own }] of differences.entries()) {
		let owed = Math.max(-(owing[i] ?? 0), 0);
		const others = given.filter(({ charge }) => charge !== own && charge.bill.currency === currency);
		for (const from of [...given.filter(({ charge }) => charge === own), ...others]) {
			const part = Math.min(owed, from.left);
			if (part <= 0) continue;
			owed -= part;
			from.left -= part;
			add(from.adjustments, period.from, -part);
		}
	}
	for (const [i, { period, amountMinor, currency }] of differences.entries()) {
		const first = given.find(({ charge, adjustments }) => adjustments.size > 0 && charge.bill.currency === currency);
		if (first) add(first.adjustments, period.from, amountMinor - (owing[i] ?? 0));
	}
	return given.flatMap(({ charge, left, adjustments: byPeriod }) => {
		if (byPeriod.size === 0) return [];
		const { attemptId, bill, owedRefunds: before, refundedNetMinor, refundedTaxMinor } = charge;
		const adjustments = [...byPeriod].map(([fromAt, amountMinor]) => ({ fromAt, amountMinor }));
		const netMinor = -adjustments.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
		const taxLeft = bill.tax.amountMinor - refundedTaxMinor;
		const tax = Math.floor((netMinor * bill.tax.basisPoints + 5000) / 10_000);
		const taxMinor = left === 0 ? taxLeft : Math.min(tax, taxLeft); // the last part takes what rounding has left
		const givenMinor = refundedNetMinor + refundedTaxMinor;
		return [{ attemptId, number: before + 1, netMinor, taxMinor, currency: bill.currency, givenMinor, adjustments }];
	});
}

function add(amounts: Map<number, number>, fromAt: number, amountMinor: number): void {
	if (amountMinor !== 0) amounts.set(fromAt, (amounts.get(fromAt) ?? 0) + amountMinor);
}
