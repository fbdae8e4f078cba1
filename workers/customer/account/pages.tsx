import { Hono } from "hono/tiny";
import * as v from "valibot";
import { checkForm, readForm } from "../../../shared/http/form.ts";
import type { App } from "../context.ts";
import { orAgain, type Words } from "../forms.ts";
import { browserSecret, clearCookie, clearSession, readCookie } from "../sessions/cookies.ts";
import { refreshSecretOf, requireSignIn } from "../sessions/require-session.ts";
import { doneAt, show } from "../show.tsx";
import { CodeAnswer, Nothing } from "../sign-in/schemas.ts";
import { cancelEmailChange, confirmEmailChange, requestEmailChange } from "./change-email.ts";
import { endSessions } from "./end-sessions.ts";
import { getAccount } from "./get-account.ts";
import { removePasskey } from "./passkeys.ts";
import { NewEmail, PasskeyToRemove, SessionToEnd } from "./schemas.ts";
import { AccountView, ChangeEmail, ConfirmEmail, RemovePasskey } from "./views.tsx";

const current = "/account";

const CodeForm = v.strictObject({ email: CodeAnswer.entries.email, code: CodeAnswer.entries.otp });
const EndForm = v.strictObject({ id: v.union([v.literal("others"), SessionToEnd.entries.id]) });

const words: Words = {
	email: "Enter the new e-mail address, such as name@example.com",
	code: "Enter the code that we have sent you",
};

export const accountPages = new Hono<App>()
	.use(requireSignIn)
	.get("/", async (c) => {
		const account = await getAccount({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c) } });
		return show(c, { title: "Your account", current, script: true }, <AccountView account={account} />);
	})
	.get("/email", (c) =>
		show(c, { title: "Change your e-mail address", current, script: true }, <ChangeEmail form={{ values: {} }} />),
	)
	.post("/email", async (c) => {
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words },
			async () => {
				const { email } = checkForm(NewEmail, typed);
				await requestEmailChange({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c), email, browser: browserSecret(c) } });
				return show(c, { title: "Enter the code", current, script: true }, <ConfirmEmail form={{ values: { email } }} />);
			},
			(form, status) =>
				show(c, { title: "Change your e-mail address", current, script: true, status }, <ChangeEmail form={form} />),
		);
	})
	.get("/email/code", (c) => c.redirect("/account/email", 303))
	.post("/email/code", async (c) => {
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words },
			async () => {
				const { email, code } = checkForm(CodeForm, typed);
				const input = { secret: refreshSecretOf(c), email, code, browser: readCookie(c, "browser") };
				await confirmEmailChange({ ctx: c.get("ctx"), input });
				clearCookie(c, "browser");
				return c.redirect(doneAt(current, "email-requested"), 303);
			},
			(form, status) => show(c, { title: "Enter the code", current, script: true, status }, <ConfirmEmail form={form} />),
		);
	})
	.post("/email/cancel", async (c) => {
		checkForm(Nothing, await readForm(c.req.raw));
		await cancelEmailChange({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c) } });
		return c.redirect(doneAt(current, "email-kept"), 303);
	})
	.post("/passkeys/remove", async (c) => {
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words: {} },
			async () => {
				const { id } = checkForm(PasskeyToRemove, typed);
				await removePasskey({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c), passkeyId: id } });
				return c.redirect(doneAt(current, "passkey-removed"), 303);
			},
			(form, status) => show(c, { title: "Remove a passkey", current, status }, <RemovePasskey form={form} />),
		);
	})
	.post("/sessions/end", async (c) => {
		const { id } = checkForm(EndForm, await readForm(c.req.raw));
		const which = id === "others" ? id : [id];
		const ended = await endSessions({ ctx: c.get("ctx"), input: { secret: refreshSecretOf(c), which } });
		if (!ended.includes(c.get("session").sessionId)) return c.redirect(doneAt(current, "sessions-ended"), 303);
		clearSession(c);
		return c.redirect(doneAt("/", "signed-out"), 303);
	});
