import { leastChargeOf } from "../../../shared/currencies.ts";
import { type Invoice, type InvoiceLine, mostLines } from "../../../shared/events/billing.ts";
import type { Language } from "../../../shared/events/customer.ts";
import { lastDayOf } from "../../../shared/periods.ts";

/** Half-open, milliseconds. */
interface BilledPeriod {
	readonly from: number;
	readonly to: number;
}

/** A contract of the plan, at the price of the version that was signed: before tax. */
export interface BilledContract {
	readonly name: string;
	readonly priceMinor: number;
	readonly currency: string;
}

/** What a paid period should have cost less what it has: before tax, below 0 when something is to be given back. One for each period. */
export interface Adjustment {
	readonly period: BilledPeriod;
	readonly amountMinor: number;
	readonly currency: string;
}

/** What is charged for a period, and so what its invoice says: lines sum to `netMinor`, and that with the tax to `totalMinor`. */
export interface Bill {
	readonly lines: InvoiceLine[];
	readonly netMinor: number;
	readonly tax: Invoice["tax"];
	readonly totalMinor: number;
	readonly currency: string;
	/** Those that are taken with it, maybe in part: what is left of them waits for the next one. */
	readonly adjustments: { readonly fromAt: number; readonly amountMinor: number }[];
}

interface BillOf {
	/** At least one; all of one currency. */
	readonly contracts: readonly BilledContract[];
	readonly period: BilledPeriod;
	readonly adjustments: readonly Adjustment[];
	/** The customer's; null when it is not known. */
	readonly region: string | null;
	/** Hundredths of a percent by region. */
	readonly taxRates: Readonly<Record<string, number>>;
	readonly language: Language;
}

/**
 * What a period costs. Charges for earlier periods come with it, then credits, the oldest first and as far as they go: a bill
 * is never below 0, and never more than 0 but less than a card can be charged because of them. What is left of them, what is of
 * another currency, and what finds no line, waits. Throws a `RangeError` for contracts of several currencies, or none: no plan
 * has them.
 */
export function billOf({ contracts, period, adjustments, region, taxRates, language }: BillOf): Bill {
	const [currency, ...others] = new Set(contracts.map((contract) => contract.currency));
	if (currency === undefined || others.length > 0) throw new RangeError("contracts of one currency");
	const gross = contracts.reduce((sum, { priceMinor }) => sum + priceMinor, 0);
	const waiting = adjustments.filter((adjustment) => adjustment.currency === currency && adjustment.amountMinor !== 0);
	const taken = takeAdjustments(gross, waiting, { room: mostLines - contracts.length, least: leastChargeOf(currency) });
	const netMinor = taken.reduce((sum, { amountMinor }) => sum + amountMinor, gross);
	const tax = taxOf(netMinor, region, taxRates);
	return {
		lines: [
			...contracts.map(({ name, priceMinor }) => lineOf("contract", name, period, priceMinor)),
			...taken.map((each) => lineOf("adjustment", adjustmentText(each, language), each.period, each.amountMinor)),
		],
		netMinor,
		tax,
		totalMinor: netMinor + tax.amountMinor,
		currency,
		adjustments: taken.map(({ period: { from: fromAt }, amountMinor }) => ({ fromAt, amountMinor })),
	};
}

interface Bounds {
	/** Lines. */
	readonly room: number;
	/** What is left to pay is nothing, or at least this much. Tax only adds to it. */
	readonly least: number;
}

/** Those for which there is room, in the order of their periods. */
function takeAdjustments(gross: number, waiting: readonly Adjustment[], { room, least }: Bounds): Adjustment[] {
	const inOrder = waiting.toSorted((a, b) => a.period.from - b.period.from || a.amountMinor - b.amountMinor).slice(0, room);
	let left = inOrder.reduce((sum, { amountMinor }) => sum + Math.max(amountMinor, 0), gross);
	const wanted = inOrder.reduce((sum, { amountMinor }) => sum + amountMinor, gross);
	const end = wanted > 0 ? Math.max(wanted, Math.min(left, least)) : 0;
	return inOrder.flatMap((adjustment) => {
		const amountMinor = Math.max(adjustment.amountMinor, end - left);
		left += Math.min(amountMinor, 0);
		return amountMinor === 0 ? [] : [{ ...adjustment, amountMinor }];
	});
}

/** On the sum, not on each line; half a minor unit is rounded up. A region that the table does not have has none. */
function taxOf(netMinor: number, region: string | null, rates: Readonly<Record<string, number>>): Bill["tax"] {
	const basisPoints = (region !== null && Object.hasOwn(rates, region) && rates[region]) || 0;
	return { region, basisPoints, amountMinor: Math.floor((netMinor * basisPoints + 5000) / 10_000) };
}

const lineOf = (kind: InvoiceLine["kind"], text: string, { from, to }: BilledPeriod, amountMinor: number): InvoiceLine => ({
	kind,
	text,
	period: { from, to },
	amountMinor,
});

const day = (locale: string) => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
const days = { en: day("en-GB"), de: day("de-DE") } as const;

/** From day to day, as the period under the line says it. */
function adjustmentText({ period: { from, to }, amountMinor }: Adjustment, language: Language): string {
	const [first, last] = [days[language].format(from), days[language].format(lastDayOf({ from, to }))];
	switch (language) {
		case "en":
			return `${amountMinor < 0 ? "Credit" : "Additional charge"} for ${first} to ${last}`;
		case "de":
			return `${amountMinor < 0 ? "Gutschrift" : "Nachberechnung"} für ${first} bis ${last}`;
		default:
			return language satisfies never;
	}
}
