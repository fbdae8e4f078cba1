import { joseSurveyTokens } from "../crypto/survey-token.ts";
import { shardOf } from "../ids.ts";
import { newEvent } from "../messaging/envelope.ts";
import { days } from "../time.ts";
import { surveyKey } from "./bindings.ts";
import { databaseOf } from "./customers.ts";
import { newId, someTicket } from "./fixtures.ts";
import { sentTo, signAs } from "./forge.ts";
import { neighbour } from "./messages.ts";

export const surveyTokens = joseSurveyTokens(JSON.stringify({ [surveyKey.kid]: surveyKey.secret }));

export const surveysPath = "/api/v1/surveys";

export const someAnswers = { satisfaction: 5, expertise: 4, punctuality: 2, friendliness: 3, solved: true } as const;

/** The same as a form sends them. */
export const chosenAnswers = { satisfaction: "5", expertise: "4", punctuality: "2", friendliness: "3", solved: "yes" } as const;

interface GivenSurvey {
	shard?: string;
	customerId?: string;
	ticketId?: string;
	resolution?: number;
	/** Relative to now, in milliseconds. */
	expiresIn?: number;
	expertName?: string | null;
	now?: number;
}

export interface InvitedSurvey {
	readonly id: string;
	readonly token: string;
	readonly customerId: string;
	readonly database: D1Database;
}

/** A survey that waits for answers, as a resolved ticket would have left it, and its token. */
export async function givenSurvey({ shard = "00", resolution = 1, ...given }: GivenSurvey = {}): Promise<InvitedSurvey> {
	const { customerId = newId("cus", shard), ticketId = newId("tkt", shard), expiresIn = 30 * days, now = Date.now() } = given;
	const id = `srv_${ticketId.slice(4)}_${resolution}`;
	const database = databaseOf(shard);
	const { expertName = "Mary Example" } = given;
	await database
		.prepare(
			`insert into surveys (id, customer_id, ticket_id, expert_id, expert_name, category, region, resolved_at, expires_at)
			values (?, ?, ?, ?, ?, 'television', 'south', ?, ?)`,
		)
		.bind(id, customerId, ticketId, newId("exp", "00"), expertName, Date.UTC(2026, 10, 2, 12), now + expiresIn)
		.run();
	return { id, token: await surveyTokens.sign({ surveyId: id, expiresAt: now + 30 * days }), customerId, database };
}

interface ResolvedTicket {
	resolution?: number;
	status?: "resolved" | "in_progress" | "reopened" | "cancelled";
	version?: number;
	expert?: { id: string; name: string } | null;
	now?: number;
	changedAt?: number;
}

/** A message of sysops that a ticket was resolved, or what `status` says instead. */
export function ticketResolved(
	customerId: string,
	ticketId: string,
	{ resolution = 1, status = "resolved", now = Date.now(), changedAt = now, ...more }: ResolvedTicket = {},
): Promise<string> {
	const { version = changedAt, expert = { id: "exp_000aaaaaaaaaaaaaaaaaaaaaaaaa", name: "Mary Example" } } = more;
	const data = {
		ticketId,
		status,
		changedAt,
		resolutions: resolution,
		expert,
		visit: null,
		note: null,
		steps: [],
		ticket: { ...someTicket, submittedAt: changedAt, region: "south" },
	};
	const source = neighbour("sysops");
	const about = { type: "TicketStatusChanged", subject: customerId, version, data };
	return signAs("sysops", newEvent(source, shardOf(customerId), about), sentTo("customer", now));
}
