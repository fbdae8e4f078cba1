import type { PaymentRecorded } from "../../../shared/events/billing.ts";
import type { TakingsSum } from "./store.ts";

/** Under which heading an outcome is reported: whether a bank may change its mind is of no interest to a manager. */
const headings = {
	approved: "approved",
	refunded: "refunded",
	declined_soft: "declined",
	declined_hard: "declined",
} as const satisfies Record<PaymentRecorded["outcome"], string>;

/** What was paid in one month and currency. Amounts in minor units of the currency. */
export function takingsOf(month: string, currency: string, sums: readonly TakingsSum[]) {
	const under = (heading: (typeof headings)[keyof typeof headings]) => {
		const found = sums.filter(({ outcome }) => headings[outcome] === heading);
		return {
			count: found.reduce((count, { payments }) => count + payments, 0),
			amountMinor: found.reduce((amount, { amount_minor }) => amount + amount_minor, 0),
		};
	};
	const [approved, refunded] = [under("approved"), under("refunded")];
	const netMinor = approved.amountMinor - refunded.amountMinor;
	return { month, currency, approved, refunded, declined: under("declined"), netMinor };
}
