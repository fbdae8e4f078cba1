import type { Refused, SignedIn } from "../../../shared/identity.ts";
import { authFor, isWrongCode, refusalOf } from "../auth/auth.ts";
import type { Call } from "../auth/options.ts";
import { boundCode, readCode } from "../codes/code.ts";
import type { IdentityCtx } from "../context.ts";
import { finishSignIn } from "./finish.ts";
import type { SignInWithCode } from "./schemas.ts";

/**
 * Signs in, or up when nobody has the address. `wrong_code` for whatever is wrong with the code, its age, its browser or
 * its address. Throws when a new customer cannot be placed.
 */
export async function signInWithCode({ ctx, input }: { ctx: IdentityCtx; input: SignInWithCode }): Promise<SignedIn | Refused> {
	const { email, browser, userAgent } = input;
	const code = readCode(input.code);
	if (code === undefined) return { refused: "wrong_code" };

	const call: Call = { userAgent };
	const otp = boundCode({ purpose: "sign-in", email, browser, customerId: "" }, code);
	try {
		await authFor(ctx, call).signInEmailOTP({ body: { email, otp } });
	} catch (error) {
		if (!isWrongCode(refusalOf(error))) throw error;
		return { refused: "wrong_code" };
	}
	if (!call.session) throw new Error("better-auth has made no session");
	return finishSignIn(ctx, call.session, "code");
}
