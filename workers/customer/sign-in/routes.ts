import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { sessionToken } from "../../../shared/crypto/session-token.ts";
import { readJson } from "../../../shared/http/body.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { SignedIn } from "../../../shared/identity.ts";
import type { App } from "../context.ts";
import {
	browserSecret,
	clearCookie,
	clearSession,
	readCookie,
	startSession,
	userAgentOf,
	writeCookie,
} from "../sessions/cookies.ts";
import { renewToken } from "./renew-token.ts";
import { requestCode } from "./request-code.ts";
import { CodeAnswer, CodeRequest, Nothing, PasskeyAnswer } from "./schemas.ts";
import { signInWithCode } from "./sign-in-with-code.ts";
import { passkeySignInOptions, signInWithPasskey } from "./sign-in-with-passkey.ts";
import { signOut } from "./sign-out.ts";

/** Under better-auth's own paths, these and no others; bodies are ours, and identity's secret is in none of them. */
export const signInRoutes = new Hono<App>()
	.post("/email-otp/send-verification-otp", async (c) => {
		const { email } = await readJson(c.req.raw, CodeRequest);
		await requestCode({ ctx: c.get("ctx"), input: { email, browser: browserSecret(c) } });
		return c.json({});
	})
	.post("/sign-in/email-otp", async (c) => {
		const { email, otp } = await readJson(c.req.raw, CodeAnswer);
		const input = { email, code: otp, browser: readCookie(c, "browser"), userAgent: userAgentOf(c) };
		const signedIn = await signInWithCode({ ctx: c.get("ctx"), input });
		startSession(c, signedIn);
		clearCookie(c, "browser");
		return signedInAs(c, signedIn);
	})
	.get("/passkey/generate-authenticate-options", async (c) => {
		const { options, challenge } = await passkeySignInOptions({ ctx: c.get("ctx") });
		writeCookie(c, "challenge", challenge);
		return c.json(options);
	})
	.post("/passkey/verify-authentication", async (c) => {
		const { response } = await readJson(c.req.raw, PasskeyAnswer);
		const input = { challenge: readCookie(c, "challenge"), response, userAgent: userAgentOf(c) };
		clearCookie(c, "challenge");
		const signedIn = await signInWithPasskey({ ctx: c.get("ctx"), input });
		startSession(c, signedIn);
		return signedInAs(c, signedIn);
	})
	.post("/token", async (c) => {
		await readJson(c.req.raw, Nothing);
		const secret = readCookie(c, "refresh");
		if (secret === undefined) throw new Problem("unauthenticated");
		const { token } = await renewToken({ ctx: c.get("ctx"), input: { secret } });
		writeCookie(c, "session", token);
		return c.json({ token, expiresIn: sessionToken.maxAge });
	})
	.post("/sign-out", async (c) => {
		await readJson(c.req.raw, Nothing);
		const secret = readCookie(c, "refresh");
		if (secret === undefined && c.req.header("authorization")) throw new Problem("unauthenticated"); // a token alone ends nothing
		if (secret !== undefined) {
			const input = { secret, token: readCookie(c, "session") };
			await signOut({ ctx: c.get("ctx"), keys: c.env.SESSION_KEYS, input });
		}
		clearSession(c);
		return c.json({});
	});

/** `token` is for clients that send it themselves, as `Authorization: Bearer`; `expiresIn` in seconds. */
function signedInAs(c: Context<App>, { customerId, token }: SignedIn): Response {
	return c.json({ customerId, token, expiresIn: sessionToken.maxAge });
}
