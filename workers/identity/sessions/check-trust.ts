import type { Done, Refused } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import type { KnownSession } from "./schemas.ts";
import { type SessionRow, sessionAt } from "./session.ts";
import { selectSession } from "./store.ts";

/** May this session change how somebody pays? Only one that was just signed in, and that no recovery holds. */
export async function checkTrust({ ctx, input }: { ctx: IdentityCtx; input: KnownSession }): Promise<Done | Refused> {
	const now = ctx.now();
	const [row] = (await prepare(identityDatabase(ctx), selectSession, { ...input, now }).all<SessionRow>()).results;
	if (!row) return { refused: "signed_out" };
	const { fresh, heldUntil } = sessionAt(row, now);
	if (!fresh) return { refused: "not_fresh" };
	return heldUntil === null ? { done: true } : { refused: "held" };
}
