import type { Ctx } from "../../../shared/context.ts";
import type { WithSurveyTokens } from "../../../shared/crypto/survey-token.ts";
import { sql } from "../../../shared/sql.ts";

/** What a ticket's page says of its survey: where it can be answered, or that it has been. */
export type SurveyOfTicket = { readonly path: string } | "answered" | undefined;

/** The survey of a ticket's last resolution, while it is resolved. Stands in the ticket's own batch, where its owner is checked. */
export const selectSurveyOfTicket = sql(`
	select s.id, s.expires_at, s.answered_at
	from tickets as t cross join surveys as s on s.id = 'srv_' || substr(t.id, 5) || '_' || t.resolutions
	where t.id = :ticketId and t.status = 'resolved'`);

/** Its shape. */
export interface SurveyOfTicketRow {
	readonly id: string;
	readonly expires_at: number;
	readonly answered_at: number | null;
}

/** Signs the invitation afresh. Nothing for a survey that is over, or that is not there. */
export async function surveyOfTicket(ctx: Ctx & WithSurveyTokens, row: SurveyOfTicketRow | undefined): Promise<SurveyOfTicket> {
	if (!row) return undefined;
	if (row.answered_at !== null) return "answered";
	if (row.expires_at <= ctx.now()) return undefined;
	return { path: `/surveys/${await ctx.surveyTokens.sign({ surveyId: row.id, expiresAt: row.expires_at })}` };
}
