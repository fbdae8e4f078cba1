import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { RequestCtx } from "../context.ts";
import { revokeSessions as revokeStatement } from "./store.ts";

/** From now on nothing is changed with a token of these sessions (row 30). Safe to repeat. */
export async function revokeSessions({
	ctx,
	input: { customerId, sessionIds },
}: {
	ctx: RequestCtx;
	input: { customerId: string; sessionIds: readonly string[] };
}): Promise<void> {
	if (sessionIds.length === 0) return;
	const params = { sessionIds: JSON.stringify(sessionIds), now: ctx.now() };
	await prepare(ctx.databases.get(shardOf(customerId)), revokeStatement, params).run();
	ctx.log.info("sessions_revoked", { customerId, count: sessionIds.length });
}
