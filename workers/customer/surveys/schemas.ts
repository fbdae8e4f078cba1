import * as v from "valibot";
import { IdempotencyKey } from "../../../shared/http/idempotency-key.ts";

const ratings = [1, 2, 3, 4, 5] as const;
const rating = v.picklist(ratings);

/** The body of `POST surveys/{token}`: ratings go from 1, very poor, to 5, very good. */
export const SurveyAnswers = v.strictObject({
	satisfaction: rating,
	/** Was it the right expert? */
	expertise: rating,
	punctuality: rating,
	friendliness: rating,
	solved: v.boolean(),
});
export type SurveyAnswers = v.InferOutput<typeof SurveyAnswers>;

/** When it was answered: a repetition is told the same. */
export const AnsweredSurvey = v.object({ answeredAt: v.pipe(v.string(), v.isoTimestamp()) });
export type AnsweredSurvey = v.InferOutput<typeof AnsweredSurvey>;

const chosenRating = v.pipe(v.picklist(ratings.map(String)), v.transform(Number), rating);

/** The same as a form sends it, with the form's own key: sent twice, it is still one answer. */
export const SurveyForm = v.strictObject({
	satisfaction: chosenRating,
	expertise: chosenRating,
	punctuality: chosenRating,
	friendliness: chosenRating,
	solved: v.pipe(
		v.picklist(["yes", "no"]),
		v.transform((answer) => answer === "yes"),
	),
	key: IdempotencyKey,
});
