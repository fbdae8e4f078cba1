import type { Ctx } from "../../../shared/context.ts";
import type { WithSurveyTokens } from "../../../shared/crypto/survey-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import { openInvitation } from "./open-invitation.ts";
import { selectSurvey } from "./store.ts";

/** What a survey's page tells whoever holds its address: who came and when, and nothing of the customer. Instants in ISO 8601. */
export interface Survey {
	readonly expertName: string | null;
	readonly resolvedAt: string;
	readonly answeredAt: string | null;
}

/** The survey that a token opens. Throws `not_found`. */
export async function getSurvey({
	ctx,
	input: { token },
}: {
	ctx: Ctx & WithSurveyTokens;
	input: { token: string };
}): Promise<Survey> {
	const { surveyId, shard } = await openInvitation(ctx, token);
	const { results } = await prepare(ctx.databases.get(shard), selectSurvey, { surveyId, now: ctx.now() }).all<{
		expert_name: string | null;
		resolved_at: number;
		answered_at: number | null;
	}>();
	const [survey] = results;
	if (!survey) throw new Problem("not_found");
	return {
		expertName: survey.expert_name,
		resolvedAt: new Date(survey.resolved_at).toISOString(),
		answeredAt: survey.answered_at === null ? null : new Date(survey.answered_at).toISOString(),
	};
}
