import type { Done, Refused } from "../../../shared/identity.ts";
import { authFor, refusalOf } from "../auth/auth.ts";
import type { IdentityCtx } from "../context.ts";
import { currentSession } from "../sessions/current-session.ts";
import { withChallenge } from "./challenge.ts";
import type { RegisterPasskey } from "./schemas.ts";

/** Stores the passkey that answers this customer's challenge. The challenge was only given to a fresh session. */
export async function registerPasskey({ ctx, input }: { ctx: IdentityCtx; input: RegisterPasskey }): Promise<Done | Refused> {
	const { challenge, response, name } = input;
	const session = await currentSession({ ctx, input });
	if (!session) return { refused: "signed_out" };
	if (session.heldUntil !== null) return { refused: "held" };
	if (!challenge || !response) return { refused: "wrong_passkey" };

	const auth = authFor(ctx, { registering: session });
	try {
		await auth.verifyPasskeyRegistration({ body: { response, name }, headers: withChallenge(challenge) });
	} catch (error) {
		if (refusalOf(error) === undefined) throw error;
		return { refused: "wrong_passkey" };
	}
	return { done: true };
}
