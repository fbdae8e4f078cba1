import type { Session } from "../../../shared/crypto/session-token.ts";
import { Done } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";

/**
 * Whether identity lets this session change how its customer pays. Throws `session_not_fresh`, `change_held`,
 * `session_revoked`, or `unavailable` without identity.
 */
export async function checkTrusted(ctx: RequestCtx, { customerId, sessionId }: Session): Promise<void> {
	await askIdentity(ctx, Done, (identity) => identity.checkTrust({ customerId, sessionId }));
}
