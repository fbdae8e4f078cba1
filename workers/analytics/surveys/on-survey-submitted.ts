import { admitted, consumption } from "../../../shared/messaging/consumption.ts";

/** An answered survey is stored once, under its own id. */
export const onSurveySubmitted = consumption("SurveySubmitted", {
	effects: [
		`insert into surveys (id, submitted_at, expert_id, category, region, satisfaction, expertise, punctuality, friendliness, solved)
		select m.value->>'$.data.surveyId', m.value->>'$.data.submittedAt', m.value->>'$.data.expertId', m.value->>'$.data.category',
			m.value->>'$.data.region', m.value->>'$.data.answers.satisfaction', m.value->>'$.data.answers.expertise',
			m.value->>'$.data.answers.punctuality', m.value->>'$.data.answers.friendliness', m.value->>'$.data.answers.solved'
		from ${admitted} where true
		on conflict do nothing`,
	],
});
