import { toHex } from "../../../shared/bytes.ts";
import type { Done, Refused } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import { issueCode } from "../codes/issue-code.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { codeMail } from "../mails/letters.ts";
import { mailAfterAnswer, sendAfterAnswer } from "../mails/send.ts";
import { trustedSession } from "../sessions/trusted-session.ts";
import type { RequestEmailChange } from "./schemas.ts";
import { noticeOfTaken } from "./store.ts";

/**
 * Mails a code to the new address. When that is somebody's already, the answer and the work before it are the same, but
 * nobody is told the code, which would not be taken either: a notice goes there instead.
 */
export async function requestEmailChange({
	ctx,
	input,
}: {
	ctx: IdentityCtx;
	input: RequestEmailChange;
}): Promise<Done | Refused> {
	const session = await trustedSession({ ctx, input });
	if ("refused" in session) return session;

	const { email, browser } = input;
	const { customerId } = session;
	const code = await issueCode({ ctx, input: { purpose: "change-email", email, browser, customerId } });
	if (code === undefined) return { refused: "too_many_codes" };

	const params = { email, now: ctx.now(), noticeId: toHex(ctx.randomBytes(16)) };
	const notice = await prepare(identityDatabase(ctx), noticeOfTaken, params).all();
	if (notice.results.length > 0) sendAfterAnswer(ctx, notice);
	else mailAfterAnswer(ctx, codeMail(email, "change-email", code));
	return { done: true };
}
