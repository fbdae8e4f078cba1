import { sessionToken, verifySession } from "../../../shared/crypto/session-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { Ended, Refreshed } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";
import { revokeSessions } from "../sessions/revoke-sessions.ts";

/**
 * Ends the session of this secret; one that has ended is fine. The shard is told first, by the session's token even while
 * identity is away: should we stop in between, the session still looks alive and can do nothing, and signing out again
 * ends it. Throws `unavailable`.
 */
export async function signOut({
	ctx,
	keys,
	input: { secret, token },
}: {
	ctx: RequestCtx;
	keys: string;
	input: { secret: string; token: string | undefined };
}): Promise<void> {
	const own = await verifySession(token, keys, ctx.now(), sessionToken.grace).catch(() => undefined);
	if (own) await revokeSessions({ ctx, input: { customerId: own.customerId, sessionIds: [own.sessionId] } });
	try {
		const { customerId, sessionId } = await askIdentity(ctx, Refreshed, (identity) => identity.refresh({ secret }));
		if (sessionId !== own?.sessionId) await revokeSessions({ ctx, input: { customerId, sessionIds: [sessionId] } });
		await askIdentity(ctx, Ended, (identity) => identity.endSessions({ secret, which: "this" }));
	} catch (error) {
		if (!(error instanceof Problem && error.code === "session_revoked")) throw error;
	}
}
