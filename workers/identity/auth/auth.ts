import { isAPIError } from "better-auth/api";
import { betterAuth } from "better-auth/minimal";
import type { IdentityCtx } from "../context.ts";
import { authOptions, type Call } from "./options.ts";

/**
 * better-auth for one call of ours. Of its more than 40 endpoints these are all that is ever called, and none is
 * reachable over HTTP.
 */
export function authFor(ctx: IdentityCtx, call: Call) {
	const { api } = betterAuth(authOptions(ctx, call));
	return {
		createVerificationOTP: api.createVerificationOTP,
		checkVerificationOTP: api.checkVerificationOTP,
		signInEmailOTP: api.signInEmailOTP,
		generatePasskeyRegistrationOptions: api.generatePasskeyRegistrationOptions,
		verifyPasskeyRegistration: api.verifyPasskeyRegistration,
		generatePasskeyAuthenticationOptions: api.generatePasskeyAuthenticationOptions,
		verifyPasskeyAuthentication: api.verifyPasskeyAuthentication,
	};
}

/** better-auth's word for why it has refused; undefined for any other error. */
export function refusalOf(error: unknown): string | undefined {
	return isAPIError(error) ? String(error.body?.code ?? error.status) : undefined;
}

/** better-auth's words for a code that does not count. */
export const isWrongCode = (refusal: string | undefined): boolean =>
	refusal === "INVALID_OTP" || refusal === "OTP_EXPIRED" || refusal === "TOO_MANY_ATTEMPTS";
