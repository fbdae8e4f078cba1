import type { Ctx } from "../../../shared/context.ts";
import type { WithSurveyTokens } from "../../../shared/crypto/survey-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { Shard } from "../../../shared/ids.ts";

/** Which survey a token opens, and where that is. Throws `not_found` for every token that opens none, whatever the reason. */
export async function openInvitation(ctx: Ctx & WithSurveyTokens, token: string): Promise<{ surveyId: string; shard: Shard }> {
	const invitation = await ctx.surveyTokens.verify(token, ctx.now());
	const shard = invitation && ctx.databases.locate(invitation.surveyId);
	if (!invitation || shard === undefined) throw new Problem("not_found");
	return { surveyId: invitation.surveyId, shard };
}
