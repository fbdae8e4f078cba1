import { toHex } from "../../../shared/bytes.ts";
import type { Done, Refused } from "../../../shared/identity.ts";
import { prepare } from "../../../shared/sql.ts";
import { issueCode } from "../codes/issue-code.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { codeMail } from "../mails/letters.ts";
import { mailAfterAnswer, sendAfterAnswer } from "../mails/send.ts";
import { currentSession } from "../sessions/current-session.ts";
import type { RequestEmailChange } from "./schemas.ts";
import { isTaken, noticeOfTaken } from "./store.ts";

/**
 * Mails a code to the new address. When that is somebody's already, the answer and the work before it are the same, but
 * the code is one that nobody can know, and a notice goes there instead.
 */
export async function requestEmailChange({
	ctx,
	input,
}: {
	ctx: IdentityCtx;
	input: RequestEmailChange;
}): Promise<Done | Refused> {
	const session = await currentSession({ ctx, input });
	if (!session) return { refused: "signed_out" };
	if (!session.fresh) return { refused: "not_fresh" };
	if (session.heldUntil !== null) return { refused: "held" };

	const { email } = input;
	const { customerId } = session;
	const database = identityDatabase(ctx);
	const taken = (await prepare(database, isTaken, { email }).all()).results.length > 0;
	const browser = taken ? toHex(ctx.randomBytes(32)) : input.browser;
	const code = await issueCode({ ctx, input: { purpose: "change-email", email, browser, customerId } });
	if (code === undefined) return { refused: "too_many_codes" };

	const params = { email, now: ctx.now(), noticeId: toHex(ctx.randomBytes(16)) };
	sendAfterAnswer(ctx, await prepare(database, noticeOfTaken, params).all());
	if (!taken) mailAfterAnswer(ctx, codeMail(email, "change-email", code));
	return { done: true };
}
