import { signSession } from "../../../shared/crypto/session-token.ts";
import type { Refreshed, Refused } from "../../../shared/identity.ts";
import { describeError } from "../../../shared/log.ts";
import { prepare } from "../../../shared/sql.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { currentSession } from "./current-session.ts";
import type { WithSecret } from "./schemas.ts";
import { isUseOfNote } from "./session.ts";
import { touchSession } from "./store.ts";

/** A session token for the next five minutes. That the session was used is noted once an hour, after the answer. */
export async function refresh({ ctx, input }: { ctx: IdentityCtx; input: WithSecret }): Promise<Refreshed | Refused> {
	const session = await currentSession({ ctx, input });
	if (!session) return { refused: "signed_out" };
	const { customerId, sessionId } = session;
	const now = ctx.now();
	if (isUseOfNote(session, now)) {
		const touched = prepare(identityDatabase(ctx), touchSession, { sessionId, now }).run();
		ctx.waitUntil(touched.catch((error) => ctx.log.warn("touch_failed", { error: describeError(error) })));
	}
	return { customerId, sessionId, token: await signSession({ customerId, sessionId }, ctx.settings.SESSION_KEYS, now) };
}
