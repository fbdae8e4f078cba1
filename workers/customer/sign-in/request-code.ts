import { Done } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";

/**
 * Has a code mailed that is good in this browser only; whether anybody has this address, no answer tells (row 29).
 * Throws `too_many_codes` or `unavailable`.
 */
export async function requestCode({ ctx, input }: { ctx: RequestCtx; input: { email: string; browser: string } }): Promise<void> {
	await askIdentity(ctx, Done, (identity) => identity.requestCode(input));
}
