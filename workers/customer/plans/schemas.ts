import * as v from "valibot";
import { planLimits } from "../../../shared/events/customer.ts";
import { idPattern } from "../../../shared/ids.ts";

/** A version of a contract that the customer wants. */
export const WantedLine = v.strictObject({
	contractId: v.pipe(v.string(), v.regex(idPattern("ctr"))),
	version: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});
export type WantedLine = v.InferOutput<typeof WantedLine>;

/** The body of `PUT plan`: what is to hold from the next period on, or from now without an active plan. None: cancelled. */
export const NewPlan = v.strictObject({
	lines: v.pipe(
		v.array(WantedLine),
		v.maxLength(planLimits.lines),
		v.check((lines) => new Set(lines.map(({ contractId }) => contractId)).size === lines.length),
	),
});
export type NewPlan = v.InferOutput<typeof NewPlan>;
