import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as v from "valibot";
import { toHex } from "../../../shared/bytes.ts";
import { checkForm, readForm } from "../../../shared/http/form.ts";
import { IdempotencyKey } from "../../../shared/http/idempotency-key.ts";
import { Problem } from "../../../shared/http/problem.ts";
import type { FormState } from "../../../shared/ui/form.tsx";
import type { App } from "../context.ts";
import { orAgain } from "../forms.ts";
import { limitAddress } from "../sessions/limit-address.ts";
import { show } from "../show.tsx";
import { getSurvey } from "./read-surveys.ts";
import { SurveyForm } from "./schemas.ts";
import { submitSurvey } from "./submit-survey.ts";
import { AnsweredBefore, Closed, Questions, Thanks } from "./views.tsx";
import { surveyWords } from "./words.ts";

/** Whoever holds the address of a survey may open it: the address is told to nobody (https://www.w3.org/TR/referrer-policy/). */
const referrerPolicy = "strict-origin";

export const surveyPages = new Hono<App>()
	.use(async (c, next) => {
		c.header("referrer-policy", referrerPolicy);
		await next();
	})
	.get("/:token", (c) => orElse(c, () => showSurvey(c, c.req.param("token"), { values: {} })))
	.post("/:token", async (c) => {
		await limitAddress(c);
		const token = c.req.param("token");
		const typed = await readForm(c.req.raw);
		return orElse(c, () =>
			orAgain(
				{ typed, words: surveyWords },
				async () => {
					const { key: idempotencyKey, ...answers } = checkForm(SurveyForm, typed);
					await submitSurvey({ ctx: c.get("ctx"), input: { token, answers, idempotencyKey } });
					return c.redirect(`/surveys/${token}`, 303);
				},
				(form, status) => showSurvey(c, token, form, status),
			),
		);
	});

/**
 * The questions, or thanks once they are answered. Reads the primary: who comes by a link in a mail brings no bookmark of
 * this shard, or that of a sign-in long before.
 */
async function showSurvey(c: Context<App>, token: string, form: FormState, status: 200 | 409 | 422 | 503 = 200) {
	const { atPrimary: ctx } = c.get("ctx");
	const survey = await getSurvey({ ctx, input: { token } });
	if (survey.answeredAt !== null) return show(c, { title: "Thank you", bare: true }, <Thanks at={survey.answeredAt} />);
	const [key] = [form.values["key"] ?? []].flat();
	const values = { ...form.values, key: v.is(IdempotencyKey, key) ? key : toHex(ctx.randomBytes(16)) };
	const page = <Questions action={`/surveys/${token}`} survey={survey} form={{ ...form, values }} />;
	return show(c, { title: "How did it go?", bare: true, status }, page);
}

/** Words for who comes too late, or for the second time. */
async function orElse(c: Context<App>, page: () => Promise<Response>): Promise<Response> {
	try {
		return await page();
	} catch (error) {
		const code = error instanceof Problem ? error.code : undefined;
		if (code === "not_found") return show(c, { title: "This survey is closed", bare: true, status: 404 }, <Closed />);
		if (code === "survey_answered") return show(c, { title: "Answered before", bare: true, status: 409 }, <AnsweredBefore />);
		throw error;
	}
}
