import { createMiddleware } from "hono/factory";
import { verifySession } from "../../../shared/crypto/session-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { App } from "../context.ts";

const cookie = (request: Request) =>
	/__Host-session=([\w.~+/-]+)/.exec(request.headers.get("cookie") ?? "")?.[1] ??
	/^Bearer (.*)$/.exec(request.headers.get("authorization") ?? "")?.[1];
export const requireSignIn = createMiddleware<App>(async (c, next) => {
	try {
		c.set("session", await verifySession(cookie(c.req.raw), c.env.SESSION_KEYS, c.get("ctx").now()));
	} catch (e) {
		if (e instanceof Problem) return c.redirect(`/sign-in?next=${encodeURIComponent(c.req.path)}`, 303);
		throw e;
	}
	await next();
});
export const optionalSession = createMiddleware<App>(async (c, next) => {
	try {
		c.set("session", await verifySession(cookie(c.req.raw), c.env.SESSION_KEYS, c.get("ctx").now()));
	} catch {}
	await next();
});
