import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { betterAuth } from "better-auth/minimal";
import { describe, expect, it } from "vitest";
import { identityCtx } from "../context.ts";
import { Identity as IdentityEntrypoint } from "../index.ts";
import { authFor } from "./auth.ts";
import { authOptions } from "./options.ts";

const ctx = () => identityCtx(env, createExecutionContext());

/** All that better-auth offers with our configuration: name → endpoint. */
const endpoints: [string, { path?: string; options?: { method?: unknown } }][] = Object.entries(
	betterAuth(authOptions(ctx(), {})).api,
);

describe("of better-auth's endpoints", () => {
	it("there are many more than we need", () => {
		expect(endpoints.length).toBeGreaterThan(40);
		expect(endpoints.map(([name]) => name)).toEqual(
			expect.arrayContaining(["signUpEmail", "signInEmail", "resetPassword", "changeEmail", "changeEmailEmailOTP", "deleteUser"]),
		);
	});

	it("these and no others can be called inside", () => {
		expect(Object.keys(authFor(ctx(), {})).sort()).toEqual([
			"checkVerificationOTP",
			"createVerificationOTP",
			"generatePasskeyAuthenticationOptions",
			"generatePasskeyRegistrationOptions",
			"signInEmailOTP",
			"verifyPasskeyAuthentication",
			"verifyPasskeyRegistration",
		]);
	});

	it.each(endpoints)("%s is not reachable over HTTP", async (_, { path }) => {
		for (const base of ["", "/api/auth"]) {
			for (const method of ["GET", "POST"]) {
				const response = await exports.default.fetch(new Request(`https://identity.test${base}${path ?? "/"}`, { method }));
				expect(response.status).toBe(404);
			}
		}
	});
});

describe("what calls identity", () => {
	it("reaches the methods of its interface and no others", () => {
		const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(new IdentityEntrypoint(createExecutionContext(), env)));

		expect(methods.filter((name) => name !== "constructor").sort()).toEqual([
			"account",
			"cancelEmailChange",
			"checkTrust",
			"confirmEmailChange",
			"endSessions",
			"passkeyRegistrationOptions",
			"passkeySignInOptions",
			"refresh",
			"registerPasskey",
			"removePasskey",
			"requestCode",
			"requestEmailChange",
			"signInWithCode",
			"signInWithPasskey",
		]);
	});
});
