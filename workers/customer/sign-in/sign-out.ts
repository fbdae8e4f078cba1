import { Problem } from "../../../shared/http/problem.ts";
import { Ended, Refreshed } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";
import { revokeSessions } from "../sessions/revoke-sessions.ts";

/**
 * Ends the session of this secret; one that has ended is fine. The shard is told first: should we stop in between, the
 * session still looks alive and can do nothing, and signing out again ends it. Throws `unavailable`.
 */
export async function signOut({ ctx, input: { secret } }: { ctx: RequestCtx; input: { secret: string } }): Promise<void> {
	try {
		const { customerId, sessionId } = await askIdentity(ctx, Refreshed, (identity) => identity.refresh({ secret }));
		await revokeSessions({ ctx, input: { customerId, sessionIds: [sessionId] } });
		await askIdentity(ctx, Ended, (identity) => identity.endSessions({ secret, which: "this" }));
	} catch (error) {
		if (!(error instanceof Problem && error.code === "session_revoked")) throw error;
	}
}
