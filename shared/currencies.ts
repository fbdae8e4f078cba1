import * as v from "valibot";

/**
 * The currencies that are sold in: the digits of the minor unit (ISO 4217), and the least that a card is charged, in minor
 * units. Only those of which Stripe counts the same unit (https://docs.stripe.com/currencies), since it gets our amounts as they
 * are: ISK and UGX it counts in hundredths and MGA whole, against ISO 4217, and of currencies with three digits it takes no last
 * one but 0. The least charges are for an account that is paid out in that currency:
 * https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
 */
const sold = {
	AUD: { digits: 2, leastCharge: 50 },
	CAD: { digits: 2, leastCharge: 50 },
	CHF: { digits: 2, leastCharge: 50 },
	CZK: { digits: 2, leastCharge: 15_00 },
	DKK: { digits: 2, leastCharge: 2_50 },
	EUR: { digits: 2, leastCharge: 50 },
	GBP: { digits: 2, leastCharge: 30 },
	HKD: { digits: 2, leastCharge: 4_00 },
	HUF: { digits: 2, leastCharge: 175_00 },
	JPY: { digits: 0, leastCharge: 50 },
	NOK: { digits: 2, leastCharge: 3_00 },
	NZD: { digits: 2, leastCharge: 50 },
	PLN: { digits: 2, leastCharge: 2_00 },
	RON: { digits: 2, leastCharge: 2_00 },
	SEK: { digits: 2, leastCharge: 3_00 },
	SGD: { digits: 2, leastCharge: 50 },
	USD: { digits: 2, leastCharge: 50 },
} as const;

/** What a new price may be in. What stands is read in any currency: versions and invoices are never edited. */
export const Currency = v.picklist(Object.keys(sold) as (keyof typeof sold)[]); // the keys are its own

const known: ReadonlyMap<string, { readonly digits: number; readonly leastCharge: number }> = new Map(Object.entries(sold));

/** In minor units; 0 for a currency in which nothing is sold. */
export const leastChargeOf = (currency: string): number => known.get(currency)?.leastCharge ?? 0;

/** Built once: making a formatter costs more than formatting. */
const formats = new Map<string, Intl.NumberFormat>();

/**
 * An amount as a locale (BCP 47) writes it. `amountMinor` counts the minor unit of the currency (ISO 4217). Digits come from
 * the table: those of Intl are CLDR's, which leaves them out where they are not in use. Others have only Intl's.
 */
export function moneyIn(locale: string, { amountMinor, currency }: { amountMinor: number; currency: string }): string {
	const key = `${locale} ${currency}`;
	let format = formats.get(key);
	if (!format) {
		const digits = known.get(currency)?.digits;
		const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
		format = new Intl.NumberFormat(locale, { style: "currency", currency, ...fraction });
		formats.set(key, format);
	}
	return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
