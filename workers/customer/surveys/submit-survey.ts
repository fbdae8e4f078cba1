import { toHex } from "../../../shared/bytes.ts";
import type { Ctx } from "../../../shared/context.ts";
import type { WithSurveyTokens } from "../../../shared/crypto/survey-token.ts";
import type { SurveySubmitted } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { prepare } from "../../../shared/sql.ts";
import { openInvitation } from "./open-invitation.ts";
import type { AnsweredSurvey, SurveyAnswers } from "./schemas.ts";
import { answerSurvey, emitSurveySubmitted, selectSurvey } from "./store.ts";

export interface SubmitSurvey {
	readonly token: string;
	readonly answers: SurveyAnswers;
	readonly idempotencyKey: string | undefined;
}

/**
 * Answers a survey, once, in one durable write. The answers are in the event alone, and only until analytics has them:
 * what stays is a digest of the key by which a repetition is known. One of the answers would tell them, since there are
 * 1,250 different ones; so the same key with other answers is a repetition too, and the first stand.
 *
 * Throws `not_found` for a token that opens nothing (any more), or `survey_answered`.
 */
export async function submitSurvey({
	ctx,
	input: { token, answers, idempotencyKey },
}: {
	ctx: Ctx & WithSurveyTokens;
	input: SubmitSurvey;
}): Promise<AnsweredSurvey> {
	const { surveyId, shard } = await openInvitation(ctx, token);
	const answerKey = await answerKeyOf(ctx, surveyId, idempotencyKey);
	const database = ctx.databases.get(shard);

	const now = ctx.now();
	const data: Omit<SurveySubmitted, "expertId" | "category" | "region"> = { surveyId, submittedAt: now, answers };
	const event = newEvent(ctx, shard, { type: "SurveySubmitted", data, at: now });
	const params = { ...outboxParams(ctx, event), now, surveyId, answerKey };
	const { emitted } = await commit(ctx, database, { change: answerSurvey, emit: emitSurveySubmitted, params });
	if (emitted) {
		ctx.log.info("survey_submitted", { eventId: event.id });
		return { answeredAt: new Date(now).toISOString() };
	}

	const { results } = await prepare(database, selectSurvey, params).all<{
		answered_at: number | null;
		answer_key: string | null;
	}>();
	const [survey] = results;
	if (!survey) throw new Problem("not_found");
	if (survey.answered_at === null) throw new Problem("unavailable"); // what was in the way is gone again: the same request will do
	if (survey.answer_key !== answerKey) throw new Problem("survey_answered");
	return { answeredAt: new Date(survey.answered_at).toISOString() };
}

/** Of the request, not of what it says. One without a key is like no other. */
async function answerKeyOf(ctx: Ctx, surveyId: string, key: string | undefined): Promise<string> {
	if (key === undefined) return toHex(ctx.randomBytes(16));
	return toHex((await ctx.digest(JSON.stringify([surveyId, "answer", key]))).subarray(0, 16));
}
