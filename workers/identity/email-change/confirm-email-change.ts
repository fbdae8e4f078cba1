import { toHex } from "../../../shared/bytes.ts";
import type { Done, Refused } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import { authFor, isWrongCode, refusalOf } from "../auth/auth.ts";
import { boundCode, type CodeBinding, readCode } from "../codes/code.ts";
import { codeIdentifier } from "../codes/issue-code.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { sendAfterAnswer } from "../mails/send.ts";
import { trustedSession } from "../sessions/trusted-session.ts";
import type { ConfirmEmailChange } from "./schemas.ts";
import { cancelReplaced, insertHeld, noticeOfHeld, spendCode } from "./store.ts";

/** Begins the hold of 24 hours and tells the old address, which can call it off. A second change replaces the first. */
export async function confirmEmailChange({
	ctx,
	input,
}: {
	ctx: IdentityCtx;
	input: ConfirmEmailChange;
}): Promise<Done | Refused> {
	const session = await trustedSession({ ctx, input });
	if ("refused" in session) return session;

	const { email, browser } = input;
	const { customerId } = session;
	const binding: CodeBinding = { purpose: "change-email", email, browser, customerId };
	if (!(await isRightCode(ctx, binding, input.code))) return { refused: "wrong_code" };

	const database = identityDatabase(ctx);
	const params = {
		identifier: codeIdentifier(binding),
		customerId,
		email,
		now: ctx.now(),
		id: toHex(ctx.randomBytes(16)),
		noticeId: toHex(ctx.randomBytes(16)),
	};
	const [, inserted, notice] = await database.batch(
		[cancelReplaced, insertHeld, noticeOfHeld, spendCode].map((statement) => prepare(database, statement, params)),
	);
	if (inserted?.results.length !== 1) return { refused: "wrong_code" };

	sendAfterAnswer(ctx, notice);
	ctx.log.info("email_change_held", { customerId });
	return { done: true };
}

/** better-auth checks the code, and then looks for a customer of that address: that there is none is what we want. */
async function isRightCode(ctx: IdentityCtx, binding: CodeBinding, typed: string): Promise<boolean> {
	const code = readCode(typed);
	if (code === undefined) return false;
	const body = { email: binding.email, type: binding.purpose, otp: boundCode(binding, code) };
	try {
		await authFor(ctx, {}).checkVerificationOTP({ body });
		return false; // somebody has taken the address since the code was mailed
	} catch (error) {
		const refusal = refusalOf(error);
		if (refusal === "USER_NOT_FOUND") return true;
		if (refusal === "INVALID_EMAIL" || isWrongCode(refusal)) return false;
		throw error;
	}
}
