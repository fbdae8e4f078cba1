import * as v from "valibot";
import { parseJson } from "../../../shared/messaging/envelope.ts";
import type { BillingCtx } from "../context.ts";
import { ChargesMessage } from "./charges.ts";
import { lookAtPeriods } from "./look-at-periods.ts";

/**
 * Works on a message of the queue `charges`. What is not well-formed, or of several shards, was not written by this Worker:
 * it changes nothing, and the periods that it may have meant come again by themselves.
 */
export async function workCharges(ctx: BillingCtx, body: unknown): Promise<void> {
	const parsed = v.safeParse(ChargesMessage, typeof body === "string" ? parseJson(body) : body);
	const shards = new Set(parsed.success ? parsed.output.periods.map(({ customerId }) => ctx.databases.locate(customerId)) : []);
	const [shard] = shards;
	if (!parsed.success || shards.size !== 1 || shard === undefined) return ctx.log.alarm("charges_malformed");
	await lookAtPeriods({ ctx, input: { shard, periods: parsed.output.periods } });
}
