import type { Charge, ChargeOutcome, PaymentProvider, Refund, RefundOutcome } from "../../workers/billing/provider/provider.ts";
import type { Wire } from "./wire.ts";

/** What the fake provider has done, for ever: the witness of what was charged and given back. */
export class Ledger {
	readonly charges = new Map<string, Charge & { readonly outcome: ChargeOutcome }>();
	readonly refunds = new Map<string, Refund & { readonly outcome: RefundOutcome }>();
}

/** What the fake provider gives for a number: another text for each, in which the number cannot be found. */
export const tokenOf = (pan: string) => `token of ${[...pan].map((digit) => 9 - Number(digit)).join("")}`;

/** A payment provider of this world: every call goes over the wire, and what it has done it has done once. */
export function fakePayments(ledger: Ledger, call: Wire): PaymentProvider {
	return {
		register: ({ pan }) => call("card for the provider", () => ({ token: tokenOf(pan) })),
		charge: (charge) =>
			call(`charge ${charge.attemptId}`, () => {
				const before = ledger.charges.get(charge.attemptId);
				if (before) return before.outcome;
				const { attemptId, amountMinor, currency } = charge;
				const outcome: ChargeOutcome = { outcome: "approved", ref: `charge of ${attemptId}`, amountMinor, currency };
				ledger.charges.set(charge.attemptId, { ...charge, outcome });
				return outcome;
			}),
		findCharge: ({ attemptId }) => call(`look-up of ${attemptId}`, () => ledger.charges.get(attemptId)?.outcome),
		refund: (refund) =>
			call(`refund ${refund.refundId}`, () => {
				const before = ledger.refunds.get(refund.refundId);
				if (before) return before.outcome;
				const outcome: RefundOutcome = { outcome: "refunded", ref: `refund of ${refund.refundId}` };
				ledger.refunds.set(refund.refundId, { ...refund, outcome });
				return outcome;
			}),
		findRefund: ({ refundId }) => call(`look-up of ${refundId}`, () => ledger.refunds.get(refundId)?.outcome),
	};
}
