import { AnsweredSurvey, SurveyAnswers } from "../../workers/customer/surveys/schemas.ts";
import { surveyAnswers, ticket } from "./examples.ts";
import type { Operation } from "./operation.ts";

export const surveySchemas = { AnsweredSurvey, SurveyAnswers };

export const surveyOperations: readonly Operation[] = [
	{
		id: "submitSurvey",
		method: "post",
		path: "/api/v1/surveys/{token}",
		summary: "Answer a survey, once. The token of the invitation is all that it takes.",
		access: "open",
		tokens: { token: "Of the invitation: the last part of the address in the message, or on the ticket's page." },
		idempotent: true,
		body: { schema: SurveyAnswers, example: surveyAnswers },
		answers: {
			202: {
				description: "Stored. The same request with the same Idempotency-Key is answered alike.",
				schema: AnsweredSurvey,
				example: { answeredAt: ticket.createdAt },
			},
		},
		problems: ["survey_answered"],
	},
];
