import type { SignedIn } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { openProfile } from "../profile/open-profile.ts";
import { revokeSessions } from "../sessions/revoke-sessions.ts";

/**
 * What the shard has to know before the browser is given its cookies. If it fails, nobody holds the new session's
 * secret, and signing in again does all of it again.
 */
export async function completeSignIn({ ctx, input }: { ctx: RequestCtx; input: SignedIn }): Promise<SignedIn> {
	const { customerId, email, ended } = input;
	await revokeSessions({ ctx, input: { customerId, sessionIds: ended } });
	await openProfile({ ctx, input: { customerId, email } });
	ctx.log.info("signed_in", { customerId });
	return input;
}
