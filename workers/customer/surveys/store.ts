import { outboxInsert } from "../../../shared/messaging/outbox.ts";
import { sql } from "../../../shared/sql.ts";

/** Everything that an answer depends on stands in its own guard. Hits nothing when it was answered before, is over or unknown. */
export const answerSurvey = sql(`
	update surveys set answered_at = :now, answer_key = :answerKey
	where id = :surveyId and answered_at is null and expires_at > :now`);

/** `SurveySubmitted`, with what the invitation says. Directly after the change. */
export const emitSurveySubmitted = outboxInsert({
	event: `json_set(:event, '$.subject', s.customer_id, '$.data.expertId', s.expert_id, '$.data.category', s.category,
		'$.data.region', s.region)`,
	from: "surveys as s",
	guard: "changes() = 1 and s.id = :surveyId",
});

/** One that is over is not there. */
export const selectSurvey = sql(`
	select expert_name, resolved_at, answered_at, answer_key from surveys where id = :surveyId and expires_at > :now`);
