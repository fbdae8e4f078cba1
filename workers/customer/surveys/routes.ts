import { Hono } from "hono/tiny";
import { readJson } from "../../../shared/http/body.ts";
import { idempotencyKeyOf } from "../../../shared/http/idempotency-key.ts";
import type { App } from "../context.ts";
import { limitAddress } from "../sessions/limit-address.ts";
import { SurveyAnswers } from "./schemas.ts";
import { submitSurvey } from "./submit-survey.ts";

/** For whoever holds the token: nobody signs in for it. */
export const surveyRoutes = new Hono<App>().post("/:token", async (c) => {
	await limitAddress(c);
	const idempotencyKey = idempotencyKeyOf(c.req.raw);
	const answers = await readJson(c.req.raw, SurveyAnswers);
	const input = { token: c.req.param("token"), answers, idempotencyKey };
	return c.json(await submitSurvey({ ctx: c.get("ctx"), input }), 202);
});
