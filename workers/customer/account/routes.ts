import { Hono } from "hono/tiny";
import { readJson } from "../../../shared/http/body.ts";
import type { App } from "../context.ts";
import { browserSecret, clearCookie, clearSession, readCookie, writeCookie } from "../sessions/cookies.ts";
import { refreshSecretOf, requireSession } from "../sessions/require-session.ts";
import { CodeAnswer, Nothing } from "../sign-in/schemas.ts";
import { cancelEmailChange, confirmEmailChange, requestEmailChange } from "./change-email.ts";
import { endSessions } from "./end-sessions.ts";
import { getAccount } from "./get-account.ts";
import { passkeyRegistrationOptions, registerPasskey, removePasskey } from "./passkeys.ts";
import { NewEmail, NewPasskey, PasskeyToRemove, SessionToEnd } from "./schemas.ts";

/** Beside the routes of signing in: under better-auth's own paths, with bodies of ours, for who is signed in. */
export const accountRoutes = new Hono<App>()
	.get("/list-sessions", requireSession, async (c) => {
		const { sessions } = await getAccount({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c) } });
		const instant = (at: number) => new Date(at).toISOString();
		const items = sessions.map(({ createdAt, lastUsedAt, ...session }) => ({
			...session,
			createdAt: instant(createdAt),
			lastUsedAt: instant(lastUsedAt),
		}));
		return c.json({ items, next: null });
	})
	.post("/revoke-session", requireSession, async (c) => {
		const { id } = await readJson(c.req.raw, SessionToEnd);
		const ended = await endSessions({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c), which: [id] } });
		if (ended.includes(c.get("session").sessionId)) clearSession(c);
		return c.json({ ended });
	})
	.post("/revoke-other-sessions", requireSession, async (c) => {
		await readJson(c.req.raw, Nothing);
		return c.json({ ended: await endSessions({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c), which: "others" } }) });
	})
	.get("/passkey/generate-register-options", requireSession, async (c) => {
		const { options, challenge } = await passkeyRegistrationOptions({
			ctx: c.get("ctx"),
			input: { secret: refreshSecretOf(c) },
		});
		writeCookie(c, "challenge", challenge);
		return c.json(options);
	})
	.post("/passkey/verify-registration", requireSession, async (c) => {
		const body = await readJson(c.req.raw, NewPasskey);
		const input = { ...body, secret: refreshSecretOf(c), challenge: readCookie(c, "challenge") };
		clearCookie(c, "challenge");
		await registerPasskey({ ctx: c.get("ctx"), input });
		return c.json({});
	})
	.post("/passkey/delete-passkey", requireSession, async (c) => {
		const { id } = await readJson(c.req.raw, PasskeyToRemove);
		await removePasskey({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c), passkeyId: id } });
		return c.json({});
	})
	.post("/change-email", requireSession, async (c) => {
		const { email } = await readJson(c.req.raw, NewEmail);
		const input = { secret: refreshSecretOf(c), email, browser: browserSecret(c) };
		await requestEmailChange({ ctx: c.get("ctx"), input });
		return c.json({});
	})
	.post("/change-email/confirm", requireSession, async (c) => {
		const { email, otp } = await readJson(c.req.raw, CodeAnswer);
		const input = { secret: refreshSecretOf(c), email, code: otp, browser: readCookie(c, "browser") };
		await confirmEmailChange({ ctx: c.get("ctx"), input });
		clearCookie(c, "browser");
		return c.json({});
	})
	.post("/change-email/cancel", requireSession, async (c) => {
		await readJson(c.req.raw, Nothing);
		await cancelEmailChange({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c) } });
		return c.json({});
	});
