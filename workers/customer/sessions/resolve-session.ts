import { type Session, sessionToken, verifySession } from "../../../shared/crypto/session-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { Refreshed } from "../../../shared/identity.ts";
import { seconds } from "../../../shared/time.ts";
import type { RequestCtx } from "../context.ts";
import { askIdentity } from "./ask-identity.ts";

/** What a request brings. A bearer token speaks for itself: no cookie is looked at beside it. */
export interface Credentials {
	readonly bearer: string | undefined;
	readonly cookie: string | undefined;
	/** identity's secret of the session, which only a browser has. */
	readonly secret: string | undefined;
}

/** For a session every request may have to wait this long, once in a while. */
const patience = 2 * seconds;

/**
 * Whose request this is, and the new token that identity gave if the old one has expired. A valid token asks nobody.
 * While identity is away, `grace` lets a token pass that is up to an hour old: then the session is `aged`. A secret
 * beside no token of ours may be invented: `limit` is asked before identity is.
 *
 * Throws `unauthenticated`, `session_expired`, `session_revoked` when identity knows the session no more,
 * `unavailable` when identity would have to be asked and is away, and what `limit` throws.
 */
export async function resolveSession(
	ctx: RequestCtx,
	keys: string,
	{ bearer, cookie, secret }: Credentials,
	{ grace, limit }: { grace: boolean; limit: () => Promise<void> },
): Promise<{ session: Session; renewed?: string; aged?: boolean }> {
	const renewable = bearer === undefined && secret !== undefined;
	try {
		return { session: await verifySession(bearer ?? cookie, keys, ctx.now()) };
	} catch (error) {
		if (!(error instanceof Problem) || (error.code === "unauthenticated" && !renewable)) throw error;
		if (error.code === "unauthenticated") await limit();
	}
	try {
		if (!renewable) return await isIdentityThere(ctx);
		const { token, ...session } = await askIdentity(ctx, Refreshed, (identity) => identity.refresh({ secret }), patience);
		return { session, renewed: token };
	} catch (error) {
		if (!(error instanceof Problem) || error.code !== "unavailable" || !grace) throw error;
		return { session: await inGrace(ctx, keys, bearer ?? cookie, renewable), aged: true };
	}
}

/** One cheap call tells whether a client without a secret could get a new token now. Throws `session_expired` if so. */
async function isIdentityThere(ctx: RequestCtx): Promise<never> {
	try {
		await askIdentity(ctx, Refreshed, (identity) => identity.refresh({ secret: "" }), patience);
	} catch (error) {
		if (error instanceof Problem && error.code === "unavailable") throw error;
	}
	throw new Problem("session_expired");
}

async function inGrace(ctx: RequestCtx, keys: string, token: string | undefined, renewable: boolean): Promise<Session> {
	try {
		return await verifySession(token, keys, ctx.now(), sessionToken.grace);
	} catch (error) {
		throw renewable ? new Problem("unavailable") : error; // the secret may be good, but nobody can tell
	}
}
