import type { Refused, SignedIn } from "../../../shared/identity.ts";
import { authFor, refusalOf } from "../auth/auth.ts";
import type { Call } from "../auth/options.ts";
import type { IdentityCtx } from "../context.ts";
import { withChallenge } from "../passkeys/challenge.ts";
import { finishSignIn } from "./finish.ts";
import type { SignInWithPasskey } from "./schemas.ts";

/** Signs in whoever holds the passkey. `wrong_passkey` also for a challenge that is used, too old or not ours. */
export async function signInWithPasskey({
	ctx,
	input,
}: {
	ctx: IdentityCtx;
	input: SignInWithPasskey;
}): Promise<SignedIn | Refused> {
	const { challenge, response, userAgent } = input;
	if (!challenge || !response) return { refused: "wrong_passkey" };

	const call: Call = { userAgent };
	try {
		await authFor(ctx, call).verifyPasskeyAuthentication({ body: { response }, headers: withChallenge(challenge) });
	} catch (error) {
		if (refusalOf(error) === undefined) throw error;
		return { refused: "wrong_passkey" };
	}
	if (!call.session) throw new Error("better-auth has made no session");
	return finishSignIn(ctx, call.session, "passkey");
}
