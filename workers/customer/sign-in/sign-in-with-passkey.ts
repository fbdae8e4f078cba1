import { Problem } from "../../../shared/http/problem.ts";
import { Challenge, SignedIn } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";
import { completeSignIn } from "./complete-sign-in.ts";

/** What a browser needs to ask its owner for a passkey, and the challenge for its cookie. Throws `unavailable`. */
export async function passkeySignInOptions({ ctx }: { ctx: RequestCtx }): Promise<Challenge> {
	return askIdentity(ctx, Challenge, (identity) => identity.passkeySignInOptions());
}

/** Signs in with what the browser made of the options. Throws `wrong_passkey` or `unavailable`. */
export async function signInWithPasskey({
	ctx,
	input: { challenge, ...input },
}: {
	ctx: RequestCtx;
	input: { challenge: string | undefined; response: unknown; userAgent: string };
}): Promise<SignedIn> {
	if (challenge === undefined) throw new Problem("wrong_passkey");
	const signedIn = await askIdentity(ctx, SignedIn, (identity) => identity.signInWithPasskey({ ...input, challenge }));
	return completeSignIn({ ctx, input: signedIn });
}
