import type { Session } from "../../../shared/crypto/session-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { RequestCtx } from "../context.ts";
import { isRevoked } from "./revoked.ts";

/** For a token that is older than five minutes, which is long enough to have been signed out. Throws `session_revoked`. */
export async function refuseRevoked({ ctx, input }: { ctx: RequestCtx; input: Session }): Promise<void> {
	const { customerId, sessionId } = input;
	const { results } = await prepare(ctx.databases.get(shardOf(customerId)), isRevoked, { sessionId }).all<{ revoked: number }>();
	if (results[0]?.revoked) throw new Problem("session_revoked");
}
