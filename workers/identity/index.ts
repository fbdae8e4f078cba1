import { WorkerEntrypoint } from "cloudflare:workers";
import { check } from "../../shared/http/body.ts";
import type { Identity as IdentityApi } from "../../shared/identity.ts";
import { onScheduled } from "../../shared/quantum.ts";
import { requestCode } from "./codes/request-code.ts";
import { RequestCode } from "./codes/schemas.ts";
import { type IdentityCtx, identityCtx } from "./context.ts";
import { identityCrons } from "./crons.ts";
import { cancelEmailChange } from "./email-change/cancel-email-change.ts";
import { confirmEmailChange } from "./email-change/confirm-email-change.ts";
import { requestEmailChange } from "./email-change/request-email-change.ts";
import { ConfirmEmailChange, RequestEmailChange } from "./email-change/schemas.ts";
import { health } from "./health.ts";
import { passkeyRegistrationOptions, passkeySignInOptions } from "./passkeys/options.ts";
import { registerPasskey } from "./passkeys/register-passkey.ts";
import { removePasskey } from "./passkeys/remove-passkey.ts";
import { RegisterPasskey, RemovePasskey } from "./passkeys/schemas.ts";
import { account } from "./sessions/account.ts";
import { checkTrust } from "./sessions/check-trust.ts";
import { endSessions } from "./sessions/end-sessions.ts";
import { refresh } from "./sessions/refresh.ts";
import { EndSessions, KnownSession, WithSecret } from "./sessions/schemas.ts";
import { SignInWithCode, SignInWithPasskey } from "./sign-in/schemas.ts";
import { signInWithCode } from "./sign-in/sign-in-with-code.ts";
import { signInWithPasskey } from "./sign-in/sign-in-with-passkey.ts";

/** What the customer Worker calls (shared/identity.ts): parse, call one verb, respond. */
export class Identity extends WorkerEntrypoint<IdentityBindings> implements IdentityApi {
	requestCode(input: unknown) {
		return requestCode({ ctx: this.#ctx(), input: check(RequestCode, input) });
	}
	signInWithCode(input: unknown) {
		return signInWithCode({ ctx: this.#ctx(), input: check(SignInWithCode, input) });
	}
	refresh(input: unknown) {
		return refresh({ ctx: this.#ctx(), input: check(WithSecret, input) });
	}
	endSessions(input: unknown) {
		return endSessions({ ctx: this.#ctx(), input: check(EndSessions, input) });
	}
	checkTrust(input: unknown) {
		return checkTrust({ ctx: this.#ctx(), input: check(KnownSession, input) });
	}
	account(input: unknown) {
		return account({ ctx: this.#ctx(), input: check(WithSecret, input) });
	}
	requestEmailChange(input: unknown) {
		return requestEmailChange({ ctx: this.#ctx(), input: check(RequestEmailChange, input) });
	}
	confirmEmailChange(input: unknown) {
		return confirmEmailChange({ ctx: this.#ctx(), input: check(ConfirmEmailChange, input) });
	}
	cancelEmailChange(input: unknown) {
		return cancelEmailChange({ ctx: this.#ctx(), input: check(WithSecret, input) });
	}
	passkeyRegistrationOptions(input: unknown) {
		return passkeyRegistrationOptions({ ctx: this.#ctx(), input: check(WithSecret, input) });
	}
	registerPasskey(input: unknown) {
		return registerPasskey({ ctx: this.#ctx(), input: check(RegisterPasskey, input) });
	}
	passkeySignInOptions() {
		return passkeySignInOptions({ ctx: this.#ctx() });
	}
	signInWithPasskey(input: unknown) {
		return signInWithPasskey({ ctx: this.#ctx(), input: check(SignInWithPasskey, input) });
	}
	removePasskey(input: unknown) {
		return removePasskey({ ctx: this.#ctx(), input: check(RemovePasskey, input) });
	}

	#ctx(): IdentityCtx {
		return identityCtx(this.env, this.ctx);
	}
}

export default {
	/** Health and nothing else: none of better-auth's paths is served. */
	async fetch(request, env, execution) {
		if (new URL(request.url).pathname !== "/healthz") return new Response(null, { status: 404 });
		const report = await health(identityCtx(env, execution));
		return Response.json(report, { status: report.status === "ok" ? 200 : 503, headers: { "cache-control": "no-store" } });
	},
	scheduled: ({ cron }, env, execution) => onScheduled({ crons: identityCrons }, identityCtx(env, execution), cron),
} satisfies ExportedHandler<IdentityBindings>;
