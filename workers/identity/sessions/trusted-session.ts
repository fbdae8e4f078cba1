import type { Refused } from "../../../shared/identity.ts";
import type { IdentityCtx } from "../context.ts";
import { currentSession } from "./current-session.ts";
import type { WithSecret } from "./schemas.ts";
import type { CurrentSession } from "./session.ts";

/** The session of somebody who may change how the account is signed in to: just signed in, and not held after a recovery. */
export async function trustedSession({ ctx, input }: { ctx: IdentityCtx; input: WithSecret }): Promise<CurrentSession | Refused> {
	const session = await currentSession({ ctx, input });
	if (!session) return { refused: "signed_out" };
	if (!session.fresh) return { refused: "not_fresh" };
	if (session.heldUntil !== null) return { refused: "held" };
	return session;
}
