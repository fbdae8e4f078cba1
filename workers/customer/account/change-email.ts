import { Problem } from "../../../shared/http/problem.ts";
import { Done } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";

/**
 * Has a code mailed to the new address. Throws `session_revoked`, `session_not_fresh`, `change_held`, `too_many_codes`
 * or `unavailable`.
 */
export async function requestEmailChange({
	ctx,
	input,
}: {
	ctx: RequestCtx;
	input: { secret: string; email: string; browser: string };
}): Promise<void> {
	await askIdentity(ctx, Done, (identity) => identity.requestEmailChange(input));
}

/**
 * Begins the hold of 24 hours, after which the new address takes effect. Throws `wrong_code` and what asking for the
 * code throws.
 */
export async function confirmEmailChange({
	ctx,
	input: { browser, ...input },
}: {
	ctx: RequestCtx;
	input: { secret: string; email: string; code: string; browser: string | undefined };
}): Promise<void> {
	if (browser === undefined) throw new Problem("wrong_code");
	await askIdentity(ctx, Done, (identity) => identity.confirmEmailChange({ ...input, browser }));
}

/** Calls off a change that is held; none is fine. Throws `session_revoked` or `unavailable`. */
export async function cancelEmailChange({ ctx, input }: { ctx: RequestCtx; input: { secret: string } }): Promise<void> {
	await askIdentity(ctx, Done, (identity) => identity.cancelEmailChange(input));
}
