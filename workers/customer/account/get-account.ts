import { Account } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";

/** What identity knows of the customer: address, passkeys, sessions. Throws `session_revoked` or `unavailable`. */
export async function getAccount({ ctx, input }: { ctx: RequestCtx; input: { secret: string } }): Promise<Account> {
	return askIdentity(ctx, Account, (identity) => identity.account(input));
}
