import * as v from "valibot";
import { PaymentReason } from "../../../shared/events/billing.ts";
import { Money } from "../plans/schemas.ts";

const instant = v.pipe(v.string(), v.isoTimestamp());

/** A period of the plan that could not be charged, and is not paid since. */
export const UnpaidPeriod = v.object({
	/** Half-open. */
	period: v.object({ from: instant, to: instant }),
	amount: Money,
	reason: PaymentReason,
	failedAt: instant,
	/** When it is tried again; null is not by itself: another card is needed. */
	nextAttemptAt: v.nullable(instant),
	/** Whether a card was entered since: that one is charged once it has been checked. */
	newCard: v.boolean(),
});
export type UnpaidPeriod = v.InferOutput<typeof UnpaidPeriod>;
