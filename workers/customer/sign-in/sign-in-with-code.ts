import { Problem } from "../../../shared/http/problem.ts";
import { SignedIn } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";
import { completeSignIn } from "./complete-sign-in.ts";

/** Signs in, or up, with a code that this browser asked for. Throws `wrong_code` or `unavailable`. */
export async function signInWithCode({
	ctx,
	input: { browser, ...input },
}: {
	ctx: RequestCtx;
	input: { email: string; code: string; browser: string | undefined; userAgent: string };
}): Promise<SignedIn> {
	if (browser === undefined) throw new Problem("wrong_code");
	const signedIn = await askIdentity(ctx, SignedIn, (identity) => identity.signInWithCode({ ...input, browser }));
	return completeSignIn({ ctx, input: signedIn });
}
