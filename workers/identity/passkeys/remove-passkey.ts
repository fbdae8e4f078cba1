import type { Done, Refused } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { currentSession } from "../sessions/current-session.ts";
import type { RemovePasskey } from "./schemas.ts";
import { deletePasskey } from "./store.ts";

/**
 * Removes a passkey of this customer; nobody else's is touched. Needs a fresh session, since an account without passkeys
 * needs no recovery; a hold is in nobody's way, since what is removed may be what was stolen.
 */
export async function removePasskey({ ctx, input }: { ctx: IdentityCtx; input: RemovePasskey }): Promise<Done | Refused> {
	const session = await currentSession({ ctx, input });
	if (!session) return { refused: "signed_out" };
	if (!session.fresh) return { refused: "not_fresh" };
	const { customerId } = session;
	await prepare(identityDatabase(ctx), deletePasskey, { passkeyId: input.passkeyId, customerId }).run();
	return { done: true };
}
