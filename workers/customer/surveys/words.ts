import type { Words } from "../forms.ts";

/** Each question: what is asked, and what 1 and 5 mean. */
export const questions = {
	satisfaction: ["How satisfied are you, all in all?", "Not at all", "Very"],
	expertise: ["Was it the right expert for your problem?", "Not at all", "Exactly"],
	punctuality: ["Did the expert come at the agreed time?", "Far off", "On time"],
	friendliness: ["How friendly was the expert?", "Not at all", "Very"],
} as const;

export const surveyWords: Words = {
	satisfaction: "Choose how satisfied you are",
	expertise: "Choose whether it was the right expert",
	punctuality: "Choose how punctual the expert was",
	friendliness: "Choose how friendly the expert was",
	solved: "Choose whether the problem is solved",
};
