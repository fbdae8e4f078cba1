import { createMiddleware } from "hono/factory";
import { verifySession } from "../../../shared/crypto/session-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { relayWhenOverdue } from "../../../shared/messaging/relay-when-overdue.ts";
import type { App } from "../context.ts";

/** A request with a valid session of a shard that we have, or 401. No cache keeps the answer. */
export const requireSession = createMiddleware<App>(async (c, next) => {
	c.header("cache-control", "no-store");
	const ctx = c.get("ctx");
	const session = await verifySession(bearerToken(c.req.raw), c.env.SESSION_KEYS, ctx.now());
	if (!ctx.databases.locate(session.customerId)) throw new Problem("unauthenticated");
	c.set("session", session);
	await next();
	relayWhenOverdue(ctx, session.customerId);
});

/** RFC 6750. */
function bearerToken(request: Request): string | undefined {
	return /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}
