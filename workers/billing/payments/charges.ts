import * as v from "valibot";
import { idPattern } from "../../../shared/ids.ts";

/** At most so many periods in a message of the queue `charges`. */
export const mostInMessage = 50;

/** A page of periods of one shard that are to be looked at: what they are is in D1 alone. */
export const ChargesMessage = v.object({
	periods: v.pipe(
		v.array(v.object({ customerId: v.pipe(v.string(), v.regex(idPattern("cus"))), fromAt: v.pipe(v.number(), v.safeInteger()) })),
		v.minLength(1),
		v.maxLength(mostInMessage),
	),
});
export type ChargesMessage = v.InferOutput<typeof ChargesMessage>;

/** A period as its customer and beginning name it. */
export type PeriodKey = ChargesMessage["periods"][number];
