import type { Done, Refused } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { currentSession } from "../sessions/current-session.ts";
import type { WithSecret } from "../sessions/schemas.ts";
import { cancelHeld } from "./store.ts";

/** Calls off a change that is held; without one there is nothing to do. */
export async function cancelEmailChange({ ctx, input }: { ctx: IdentityCtx; input: WithSecret }): Promise<Done | Refused> {
	const session = await currentSession({ ctx, input });
	if (!session) return { refused: "signed_out" };
	await prepare(identityDatabase(ctx), cancelHeld, { customerId: session.customerId }).run();
	return { done: true };
}
