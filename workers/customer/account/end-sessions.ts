import { Ended } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";
import { revokeSessions } from "../sessions/revoke-sessions.ts";
import { getAccount } from "./get-account.ts";

/**
 * Ends all other sessions of the customer, or those named; ids of nobody are left out. The shard is told first: should
 * we stop in between, the sessions are still listed and can do nothing, and ending them again ends them.
 *
 * Gives the ids that have ended. Throws `session_revoked` or `unavailable`.
 */
export async function endSessions({
	ctx,
	input: { secret, which },
}: {
	ctx: RequestCtx;
	input: { secret: string; which: "others" | readonly string[] };
}): Promise<readonly string[]> {
	const { customerId, sessions } = await getAccount({ ctx, input: { secret } });
	const known = sessions.filter(({ id, current }) => (which === "others" ? !current : which.includes(id))).map(({ id }) => id);
	await revokeSessions({ ctx, input: { customerId, sessionIds: known } });
	const { ended } = await askIdentity(ctx, Ended, (identity) => identity.endSessions({ secret, which }));
	// those that began since the list was read
	await revokeSessions({ ctx, input: { customerId, sessionIds: ended.filter((id) => !known.includes(id)) } });
	return ended;
}
