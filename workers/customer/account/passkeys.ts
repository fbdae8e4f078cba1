import { Problem } from "../../../shared/http/problem.ts";
import { Challenge, Done } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";

/**
 * What a browser needs to make a passkey, and the challenge for its cookie. Throws `session_revoked`,
 * `session_not_fresh`, `change_held` or `unavailable`.
 */
export async function passkeyRegistrationOptions({
	ctx,
	input,
}: {
	ctx: RequestCtx;
	input: { secret: string };
}): Promise<Challenge> {
	return askIdentity(ctx, Challenge, (identity) => identity.passkeyRegistrationOptions(input));
}

/**
 * Keeps the passkey that the browser made of the options. Throws `session_revoked`, `change_held`, `wrong_passkey` or
 * `unavailable`.
 */
export async function registerPasskey({
	ctx,
	input: { challenge, ...input },
}: {
	ctx: RequestCtx;
	input: { secret: string; challenge: string | undefined; response: unknown; name: string };
}): Promise<void> {
	if (challenge === undefined) throw new Problem("wrong_passkey");
	await askIdentity(ctx, Done, (identity) => identity.registerPasskey({ ...input, challenge }));
}

/** Also when it is gone already. Throws `session_revoked`, `session_not_fresh` or `unavailable`. */
export async function removePasskey({
	ctx,
	input,
}: {
	ctx: RequestCtx;
	input: { secret: string; passkeyId: string };
}): Promise<void> {
	await askIdentity(ctx, Done, (identity) => identity.removePasskey(input));
}
