import { prepare } from "../../../shared/sql.ts";
import { hashOfSecret } from "../auth/options.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import type { WithSecret } from "./schemas.ts";
import { type CurrentSession, type SessionRow, sessionAt } from "./session.ts";
import { selectCurrent } from "./store.ts";

/** The session that has this secret; undefined when there is none any more. */
export async function currentSession({
	ctx,
	input,
}: {
	ctx: IdentityCtx;
	input: WithSecret;
}): Promise<CurrentSession | undefined> {
	if (!input.secret) return undefined;
	const now = ctx.now();
	const params = { token: await hashOfSecret(ctx, input.secret), now };
	const [row] = (await prepare(identityDatabase(ctx), selectCurrent, params).all<SessionRow>()).results;
	return row && sessionAt(row, now);
}
