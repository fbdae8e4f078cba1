import { setTimeout as wait } from "node:timers/promises";
import { joseSurveyTokens } from "../../shared/crypto/survey-token.ts";
import { Random } from "../../shared/testing/random.ts";
import { hours } from "../../shared/time.ts";
import { insist, type Target } from "./insist.ts";

export interface AnsweredSurvey {
	readonly surveyId: string;
	readonly satisfaction: number;
}

/**
 * Answers the survey of every ticket of a customer that has been resolved, now and then twice. Invitations are signed here,
 * with the key of the stack: the mails that bring them do not outlive a kill.
 */
export async function answerSurveys(
	target: Target,
	{ customer, keys, seed, isOver }: { customer: string; keys: string; seed: number; isOver: () => boolean },
): Promise<AnsweredSurvey[]> {
	const random = new Random(seed);
	const tokens = joseSurveyTokens(keys);
	const answered = new Map<string, AnsweredSurvey>();
	while (!isOver()) {
		const headers = { authorization: `Bearer ${target.tokens[customer]}` };
		const list = { worker: "customer", path: "/api/v1/tickets?limit=100", headers, until: [200] } as const;
		const { body } = await insist<{ items: { id: string; status: string }[] }>(target, list);
		for (const { id, status } of body.items) {
			const surveyId = `srv_${id.slice(4)}_1`;
			if (status !== "resolved" || answered.has(surveyId) || isOver()) continue;
			const satisfaction = random.between(1, 6);
			const answers = { satisfaction, expertise: 3, punctuality: 4, friendliness: 5, solved: true };
			const token = await tokens.sign({ surveyId, expiresAt: Date.now() + hours });
			const wish = { worker: "customer", path: `/api/v1/surveys/${token}`, body: answers, until: [202] } as const;
			for (let times = random.chance(0.2) ? 2 : 1; times > 0; times--) {
				await insist(target, { ...wish, headers: { "idempotency-key": surveyId } });
			}
			answered.set(surveyId, { surveyId, satisfaction });
		}
		await wait(300);
	}
	return [...answered.values()];
}
