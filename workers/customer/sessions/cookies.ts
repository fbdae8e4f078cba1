import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { bytesToBase64Url } from "../../../shared/bytes.ts";
import { sessionToken } from "../../../shared/crypto/session-token.ts";
import type { SignedIn } from "../../../shared/identity.ts";
import { days, minutes, seconds } from "../../../shared/time.ts";
import type { App } from "../context.ts";

/**
 * Every cookie is `__Host-` (RFC 6265bis: this host only, all paths, https), closed to scripts, and not sent along when
 * another site posts. How long the browser keeps it, in milliseconds.
 */
const lifetimes = {
	/** The session token; while identity is away an old one still serves. */
	session: sessionToken.grace * seconds,
	/** identity's secret of the session. */
	refresh: 7 * days,
	/** Binds a code to the browser that asked for it. */
	browser: 15 * minutes,
	/** Of a passkey, between options and answer. */
	challenge: 5 * minutes,
	/** Longer than any replica lags behind, and shorter than anybody remembers. */
	bookmark: 60 * minutes,
} as const;
type CookieName = keyof typeof lifetimes;

export function readCookie(c: Context<App>, name: CookieName): string | undefined {
	return getCookie(c, name, "host") || undefined;
}

export function writeCookie(c: Context<App>, name: CookieName, value: string): void {
	setCookie(c, name, value, { prefix: "host", httpOnly: true, sameSite: "Lax", maxAge: lifetimes[name] / seconds });
}

export function clearCookie(c: Context<App>, name: CookieName): void {
	deleteCookie(c, name, { prefix: "host", secure: true, httpOnly: true, sameSite: "Lax" });
}

/** Only after all that belongs to the sign-in is stored. What the browser had before of a session is overwritten (row 31). */
export function startSession(c: Context<App>, { token, secret, customerId, sessionId }: SignedIn): void {
	writeCookie(c, "session", token);
	writeCookie(c, "refresh", secret);
	c.set("session", { customerId, sessionId });
}

export function clearSession(c: Context<App>): void {
	for (const name of ["session", "refresh"] as const) clearCookie(c, name);
}

/** What binds a code to this browser: what the last code was bound to, or something new. */
export function browserSecret(c: Context<App>): string {
	const known = readCookie(c, "browser");
	const secret = known && /^[\w-]{22}$/.test(known) ? known : bytesToBase64Url(c.get("ctx").randomBytes(16));
	writeCookie(c, "browser", secret);
	return secret;
}

/** What a session is called in the list of sessions. */
export function userAgentOf(c: Context<App>): string {
	return (c.req.header("user-agent") ?? "").replace(/[^\x20-\x7e]/g, "").slice(0, 200);
}
