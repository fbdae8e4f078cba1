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

const instant = v.pipe(v.string(), v.isoTimestamp());

/** Integer minor units of an ISO 4217 currency. */
export const Money = v.object({ amountMinor: v.pipe(v.number(), v.integer()), currency: v.string() });
export type Money = v.InferOutput<typeof Money>;

export const PlanLine = v.object({
	...WantedLine.entries,
	name: v.string(),
	/** A month, as it was signed. */
	price: Money,
});
export type PlanLine = v.InferOutput<typeof PlanLine>;

/** Lines with what they cost together a month: null without lines. */
const priced = { lines: v.pipe(v.array(PlanLine), v.readonly()), total: v.nullable(Money) };

/** A plan as its customer sees it. */
export const Plan = v.object({
	/** `ending`: cancelled, and still active until `endsAt`. */
	status: v.picklist(["none", "active", "ending", "ended"]),
	startsAt: v.nullable(instant),
	endsAt: v.nullable(instant),
	/** The one that is going on: from `from` until before `to`. */
	period: v.nullable(v.object({ from: instant, to: instant })),
	/** What holds now. */
	...priced,
	/** What is to come; without lines when the plan ends then. */
	next: v.nullable(v.object({ from: instant, ...priced })),
});
export type Plan = v.InferOutput<typeof Plan>;
