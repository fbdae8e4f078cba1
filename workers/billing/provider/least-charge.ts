/**
 * Less than this no card is charged, in minor units: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts,
 * which is for an account that is paid out in the same currency.
 */
const leastCharges: Readonly<Record<string, number>> = {
	AUD: 50,
	CAD: 50,
	CHF: 50,
	CZK: 15_00,
	DKK: 2_50,
	EUR: 50,
	GBP: 30,
	HKD: 4_00,
	HUF: 175_00,
	JPY: 50,
	NOK: 3_00,
	NZD: 50,
	PLN: 2_00,
	RON: 2_00,
	SEK: 3_00,
	SGD: 50,
	USD: 50,
};

export const leastChargeOf = (currency: string): number => leastCharges[currency] ?? 0;
