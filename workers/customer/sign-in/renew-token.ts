import { Refreshed } from "../../../shared/identity.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "../sessions/ask-identity.ts";

/** A fresh session token, for clients that send it themselves. Throws `session_revoked` or `unavailable`. */
export async function renewToken({ ctx, input }: { ctx: RequestCtx; input: { secret: string } }): Promise<Refreshed> {
	return askIdentity(ctx, Refreshed, (identity) => identity.refresh(input));
}
