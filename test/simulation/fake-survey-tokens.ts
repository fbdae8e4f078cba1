import type { SurveyTokens } from "../../shared/crypto/survey-token.ts";

/** A fake, for the simulation alone: real HMAC runs on another thread and would break replay. It keeps the end of a token. */
export const fakeSurveyTokens: SurveyTokens = {
	sign: async ({ surveyId, expiresAt }) => `${surveyId}.${expiresAt}`,
	async verify(token, now) {
		const [surveyId = "", expiresAt = ""] = token.split(".");
		return Number(expiresAt) > now ? { surveyId, expiresAt: Number(expiresAt) } : undefined;
	},
};
