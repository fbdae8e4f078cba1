import * as v from "valibot";
import { Seller } from "../../../shared/events/billing.ts";
import { hours, seconds } from "../../../shared/time.ts";

/** How we bill: configuration. */
export interface Terms {
	/** Milliseconds from the start of a period until it is charged, so that changes which are on their way still count. */
	readonly chargeDelay: number;
	/** Milliseconds for which a run has what it works on for itself: after that another one takes it up. */
	readonly lease: number;
	readonly seller: Seller;
	/** Hundredths of a percent by region; a region that is not here has none. */
	readonly taxRates: Readonly<Record<string, number>>;
}

export interface WithTerms {
	readonly terms: Terms;
}

const TaxRates = v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000)));
const whole = v.pipe(v.string(), v.regex(/^\d{1,7}$/), v.transform(Number));

export interface TermsEnv {
	readonly CHARGE_DELAY_HOURS: string;
	readonly PAYMENT_LEASE_SECONDS: string;
	readonly SELLER: string;
	readonly TAX_RATES: string;
}

/** Read when first asked for: what has nothing to do with money works without. Throws for what is not well-formed. */
export function termsOf(env: TermsEnv): Terms {
	return {
		get chargeDelay() {
			return v.parse(whole, env.CHARGE_DELAY_HOURS) * hours;
		},
		get lease() {
			return v.parse(whole, env.PAYMENT_LEASE_SECONDS) * seconds;
		},
		get seller() {
			return v.parse(Seller, JSON.parse(env.SELLER));
		},
		get taxRates() {
			return v.parse(TaxRates, JSON.parse(env.TAX_RATES));
		},
	};
}
