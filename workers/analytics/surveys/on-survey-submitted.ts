import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { addTo, dimensions, keepFacts, monthOf } from "../facts.ts";

/** What a survey adds to `satisfaction`: column → SQL over `surveys`. */
const measures = {
	answered: "1",
	rated_1: "satisfaction = 1",
	rated_2: "satisfaction = 2",
	rated_3: "satisfaction = 3",
	rated_4: "satisfaction = 4",
	rated_5: "satisfaction = 5",
	satisfaction: "satisfaction",
	expertise: "expertise",
	punctuality: "punctuality",
	friendliness: "friendliness",
	solved: "solved",
};

const added = Object.entries(measures).map(([column, value]) => `${value} as ${column}`);

/** What this run has stored, whatever its messages say twice: only that is added. */
const stored = "surveys.id in (select m.value->>'$.data.surveyId' from json_each(:messages) as m) and run = :run";

/** An answered survey is stored once, under its own id, and counts exactly when it is. */
export const onSurveySubmitted = consumption("SurveySubmitted", {
	rejectWhen: `iif(${monthOf("m.value->>'$.data.submittedAt'")} is null, 'no_such_time', null)`,
	effects: [
		`insert into surveys (id, run, submitted_at, expert_id, category, region, satisfaction, expertise, punctuality, friendliness, solved)
		select m.value->>'$.data.surveyId', :run, m.value->>'$.data.submittedAt', m.value->>'$.data.expertId', m.value->>'$.data.category',
			m.value->>'$.data.region', m.value->>'$.data.answers.satisfaction', m.value->>'$.data.answers.expertise',
			m.value->>'$.data.answers.punctuality', m.value->>'$.data.answers.friendliness', m.value->>'$.data.answers.solved'
		from ${admitted} where m.value->>'$.data.submittedAt' >= :now - ${keepFacts}
		on conflict do nothing`,
		addTo(
			"satisfaction",
			Object.keys(measures),
			`select d.key as dimension, d.value as value, ${monthOf("submitted_at")} as month, ${added.join(", ")}
			from surveys cross join ${dimensions} as d where ${stored} and d.value is not null`,
		),
	],
});
