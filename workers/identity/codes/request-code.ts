import type { Done, Refused } from "../../../shared/identity.ts";
import type { IdentityCtx } from "../context.ts";
import { codeMail } from "../mails/letters.ts";
import { mailAfterAnswer } from "../mails/send.ts";
import { issueCode } from "./issue-code.ts";
import type { RequestCode } from "./schemas.ts";

/** Mails a code with which to sign in, or up. Nothing here looks whether the address is known. */
export async function requestCode({ ctx, input }: { ctx: IdentityCtx; input: RequestCode }): Promise<Done | Refused> {
	const code = await issueCode({ ctx, input: { ...input, purpose: "sign-in", customerId: "" } });
	if (code === undefined) return { refused: "too_many_codes" };

	mailAfterAnswer(ctx, codeMail(input.email, "sign-in", code));
	return { done: true };
}
