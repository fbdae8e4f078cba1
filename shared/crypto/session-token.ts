import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import * as v from "valibot";
import { Problem } from "../http/problem.ts";
import { idPattern } from "../ids.ts";

/** Who asks, as the session token says. */
export const Session = v.pipe(
	v.object({ sub: v.pipe(v.string(), v.regex(idPattern("cus"))), sid: v.pipe(v.string(), v.regex(idPattern("ses"))) }),
	v.transform(({ sub, sid }) => ({ customerId: sub, sessionId: sid })),
);
export type Session = v.InferOutput<typeof Session>;

/** `SESSION_KEYS`: kid → secret of at least 256 bits in base64url. The first signs; several while one replaces another. */
const SessionKeys = v.record(v.string(), v.pipe(v.string(), v.minLength(43)));

/**
 * Of every session token (RFC 7519): who issues it, for whom, the seconds that it may be old, and the seconds that it
 * may be old for some requests while identity cannot be reached.
 */
export const sessionToken = { issuer: "identity", audience: "customer", maxAge: 300, grace: 3600 } as const;

/** Signs a session token (HS256) that is good for five minutes. `now` in milliseconds. */
export async function signSession({ customerId, sessionId }: Session, keys: string, now: number): Promise<string> {
	const [first] = Object.entries(v.parse(SessionKeys, JSON.parse(keys)));
	if (!first) throw new Error("SESSION_KEYS is empty");
	const [kid, secret] = first;
	const issuedAt = Math.floor(now / 1000);
	return new SignJWT({ sid: sessionId })
		.setProtectedHeader({ alg: "HS256", typ: "JWT", kid })
		.setIssuer(sessionToken.issuer)
		.setAudience(sessionToken.audience)
		.setSubject(customerId)
		.setIssuedAt(issuedAt)
		.setExpirationTime(issuedAt + sessionToken.maxAge)
		.sign(new TextEncoder().encode(secret));
}

/**
 * Verifies a session token (HS256): no other Worker is asked. Throws `unauthenticated`, or `session_expired` for a
 * good token that is older than five minutes; with `grace`, in seconds, than that.
 */
export async function verifySession(token: string | undefined, keys: string, now: number, grace = 0): Promise<Session> {
	if (!token) throw new Problem("unauthenticated");
	const secrets = v.parse(SessionKeys, JSON.parse(keys));
	try {
		const { payload } = await jwtVerify<JWTPayload>(
			token,
			({ kid = "" }) => {
				const secret = Object.hasOwn(secrets, kid) ? secrets[kid] : undefined;
				if (!secret) throw new Problem("unauthenticated");
				return new TextEncoder().encode(secret);
			},
			{
				algorithms: ["HS256"],
				typ: "JWT",
				issuer: sessionToken.issuer,
				audience: sessionToken.audience,
				maxTokenAge: sessionToken.maxAge,
				requiredClaims: ["sub", "sid", "iat", "exp"],
				currentDate: new Date(now),
			},
		);
		return v.parse(Session, payload);
	} catch (error) {
		if (!(error instanceof errors.JWTExpired)) throw new Problem("unauthenticated");
		// jose compares the end of a token after everything else, so this one is good but for its age
		const age = Math.floor(now / 1000) - Number(error.payload.iat);
		const session = v.safeParse(Session, error.payload);
		if (!session.success || !(age >= 0 && age < grace)) throw new Problem("session_expired");
		return session.output;
	}
}
