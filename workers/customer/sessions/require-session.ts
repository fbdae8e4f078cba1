import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Session } from "../../../shared/crypto/session-token.ts";
import { isSafe } from "../../../shared/http/cross-site.ts";
import { Problem, problems } from "../../../shared/http/problem.ts";
import { withinLimit } from "../../../shared/http/rate-limit.ts";
import { relayWhenOverdue } from "../../../shared/messaging/relay-when-overdue.ts";
import type { App } from "../context.ts";
import { clearSession, readCookie, writeCookie } from "./cookies.ts";
import { limitAddress } from "./limit-address.ts";
import { pathOf } from "./next-path.ts";
import { refuseRevoked } from "./refuse-revoked.ts";
import { resolveSession } from "./resolve-session.ts";

/**
 * A request with a session of a shard that we have, or 401. While identity is away, reads go on with a token up to an
 * hour old, and what changes something only behind `allowGrace`. No cache keeps the answer.
 */
export const requireSession = createMiddleware<App>(async (c, next) => {
	await openSession(c);
	await next();
	relayWhenOverdue(c.get("ctx").atPrimary, c.get("session").customerId);
});

/**
 * The same for pages: who is not signed in is led to the sign-in page, and from there back (`next`). Who has sent a form
 * is not: `onError` gives them back what they typed.
 */
export const requireSignIn = createMiddleware<App>(async (c, next) => {
	try {
		await openSession(c);
	} catch (error) {
		if (!isSignedOut(error) || !isSafe(c.req.method)) throw error;
		if (isRevoked(error)) clearSession(c);
		return c.redirect(signInPath(c), 303);
	}
	await next();
	if (isSignedOut(c.error) && isSafe(c.req.method)) {
		c.res = undefined; // else the headers of the problem would stay
		c.res = new Response(null, { status: 303, headers: { location: signInPath(c), "cache-control": "no-store" } });
	}
	relayWhenOverdue(c.get("ctx").atPrimary, c.get("session").customerId);
});

/** For public pages: `c.get("visitor")` is who asks, if that can be told. Asks nobody for a visitor without cookies. */
export const optionalSession = createMiddleware<App>(async (c, next) => {
	if (readCookie(c, "session") || readCookie(c, "refresh")) {
		c.header("cache-control", "no-store");
		try {
			c.set("visitor", await sessionOf(c));
		} catch (error) {
			if (isRevoked(error)) clearSession(c);
		}
	}
	await next();
});

/** What identity knows the session by, behind `requireSession` or `requireSignIn`. Throws `unauthenticated` without cookies. */
export function refreshSecretOf(c: Context<App>): string {
	const secret = c.get("refreshSecret");
	if (secret === undefined) throw new Problem("unauthenticated");
	return secret;
}

/** Before `requireSession` or `requireSignIn`: this change is taken while identity is away, as a read is. */
export const allowGrace = createMiddleware<App>(async (c, next) => {
	c.set("grace", true);
	await next();
});

async function openSession(c: Context<App>): Promise<void> {
	c.header("cache-control", "no-store");
	const { customerId } = await sessionOf(c);
	if (!isSafe(c.req.method)) await withinLimit(c.get("ctx"), c.env.CHANGE_LIMIT, customerId);
}

async function sessionOf(c: Context<App>): Promise<Session> {
	const ctx = c.get("ctx");
	const secret = readCookie(c, "refresh");
	const credentials = { bearer: bearerToken(c.req.raw), cookie: readCookie(c, "session"), secret };
	const rules = { grace: c.get("grace") ?? isSafe(c.req.method), limit: () => limitAddress(c) };
	const { session, renewed, aged } = await resolveSession(ctx, c.env.SESSION_KEYS, credentials, rules);
	if (!ctx.databases.locate(session.customerId)) throw new Problem("unauthenticated");
	if (aged && isSafe(c.req.method)) await refuseRevoked({ ctx, input: session }); // a change has it in its guard
	if (renewed) writeCookie(c, "session", renewed);
	c.set("session", session);
	c.set("refreshSecret", secret);
	return session;
}

/** RFC 6750. Undefined without the header; what is no token is one that no key has signed. */
function bearerToken(request: Request): string | undefined {
	const header = request.headers.get("authorization");
	return header === null ? undefined : (/^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1] ?? "");
}

const isSignedOut = (error: unknown) => error instanceof Problem && problems[error.code][0] === 401;
const isRevoked = (error: unknown) => error instanceof Problem && error.code === "session_revoked";

function signInPath(c: Context<App>): string {
	const { pathname, search } = new URL(c.req.url);
	const next = pathOf(pathname + search);
	return next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
}
