import type { Challenge, Refused } from "../../../shared/identity.ts";
import { authFor } from "../auth/auth.ts";
import type { IdentityCtx } from "../context.ts";
import type { WithSecret } from "../sessions/schemas.ts";
import { trustedSession } from "../sessions/trusted-session.ts";
import { challengeOf } from "./challenge.ts";

/** Options for a new passkey of a customer who has just signed in, and has not just recovered. The challenge is good for 5 minutes and once. */
export async function passkeyRegistrationOptions({
	ctx,
	input,
}: {
	ctx: IdentityCtx;
	input: WithSecret;
}): Promise<Challenge | Refused> {
	const session = await trustedSession({ ctx, input });
	if ("refused" in session) return session;
	const auth = authFor(ctx, { registering: session });
	return challengeOf(await auth.generatePasskeyRegistrationOptions({ headers: new Headers(), returnHeaders: true }));
}

/** Options for a sign-in without an address: the browser offers the passkeys that it has for this place. */
export async function passkeySignInOptions({ ctx }: { ctx: IdentityCtx }): Promise<Challenge> {
	return challengeOf(
		await authFor(ctx, {}).generatePasskeyAuthenticationOptions({ headers: new Headers(), returnHeaders: true }),
	);
}
