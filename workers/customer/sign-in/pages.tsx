import { Hono } from "hono/tiny";
import * as v from "valibot";
import { checkForm, readForm } from "../../../shared/http/form.ts";
import type { App } from "../context.ts";
import { orAgain, type Words } from "../forms.ts";
import { browserSecret, clearCookie, clearSession, readCookie, startSession, userAgentOf } from "../sessions/cookies.ts";
import { pathOf } from "../sessions/next-path.ts";
import { optionalSession } from "../sessions/require-session.ts";
import { doneAt, show } from "../show.tsx";
import { limitSignIn } from "./limit-sign-in.ts";
import { requestCode } from "./request-code.ts";
import { CodeAnswer, CodeRequest, Nothing } from "./schemas.ts";
import { signInWithCode } from "./sign-in-with-code.ts";
import { signOut } from "./sign-out.ts";
import { EnterCode, SignIn } from "./views.tsx";

const current = "/sign-in";
const next = v.pipe(
	v.optional(v.string(), ""),
	v.transform((path) => pathOf(path)),
);

const EmailForm = v.strictObject({ ...CodeRequest.entries, next });
const CodeForm = v.strictObject({ email: CodeAnswer.entries.email, code: CodeAnswer.entries.otp, next });

const words: Words = {
	email: "Enter an e-mail address, such as name@example.com",
	code: "Enter the code that we have sent you",
};

export const signInPages = new Hono<App>()
	// `again` is for who is signed in, but not recently enough
	.get("/sign-in", optionalSession, (c) => {
		const next = pathOf(c.req.query("next"));
		if (c.get("visitor") && c.req.query("again") === undefined) return c.redirect(next, 303);
		return show(c, { title: "Sign in", current, script: true }, <SignIn form={{ values: { next } }} next={next} />);
	})
	// answered with the page itself: an address in a path would stay in logs and in the browser's history
	.post("/sign-in", limitSignIn, async (c) => {
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words },
			async () => {
				const { email, next } = checkForm(EmailForm, typed);
				await requestCode({ ctx: c.get("ctx"), input: { email, browser: browserSecret(c) } });
				return show(c, { title: "Enter your code", current, script: true }, <EnterCode form={{ values: { email, next } }} />);
			},
			(form, status) => {
				const path = pathOf(typed["next"]?.[0]);
				const again = { ...form, values: { ...form.values, next: path } };
				return show(c, { title: "Sign in", current, script: true, status }, <SignIn form={again} next={path} />);
			},
		);
	})
	.get("/sign-in/code", (c) => c.redirect("/sign-in", 303))
	.post("/sign-in/code", limitSignIn, async (c) => {
		const typed = await readForm(c.req.raw);
		return orAgain(
			{ typed, words },
			async () => {
				const { email, code, next } = checkForm(CodeForm, typed);
				const input = { email, code, browser: readCookie(c, "browser"), userAgent: userAgentOf(c) };
				startSession(c, await signInWithCode({ ctx: c.get("ctx"), input }));
				clearCookie(c, "browser");
				return c.redirect(next, 303);
			},
			(form, status) => show(c, { title: "Enter your code", current, script: true, status }, <EnterCode form={form} />),
		);
	})
	.post("/sign-out", async (c) => {
		checkForm(Nothing, await readForm(c.req.raw));
		const secret = readCookie(c, "refresh");
		if (secret !== undefined) {
			const input = { secret, token: readCookie(c, "session") };
			await signOut({ ctx: c.get("ctx"), keys: c.env.SESSION_KEYS, input });
		}
		clearSession(c);
		return c.redirect(doneAt("/", "signed-out"), 303);
	});
