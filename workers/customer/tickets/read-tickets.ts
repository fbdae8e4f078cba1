import type { Ctx } from "../../../shared/context.ts";
import type { WithSurveyTokens } from "../../../shared/crypto/survey-token.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare, type Statement } from "../../../shared/sql.ts";
import {
	type SurveyOfTicket,
	type SurveyOfTicketRow,
	selectSurveyOfTicket,
	surveyOfTicket,
} from "../surveys/survey-of-ticket.ts";
import type { TicketWithComments } from "./schemas.ts";
import { selectComments, selectTicket, selectTickets } from "./store.ts";
import { type CommentRow, commentOf, stepsOf, type Ticket, type TicketRow, ticketOf } from "./ticket.ts";

/** A page of the customer's tickets, the newest first. Reads `limit` + 1 rows, however many there are. */
export async function listTickets({
	ctx,
	input: { customerId, limit, cursor },
}: {
	ctx: Ctx;
	input: { customerId: string; limit: number; cursor: string };
}): Promise<Page<Ticket>> {
	const database = ctx.databases.get(shardOf(customerId));
	const params = { customerId, ...parseCursor(cursor), limit: limit + 1 };
	const { results } = await prepare(database, selectTickets, params).all<TicketRow>();
	return pageOf(results, limit, (row) => ({ at: row.created_at, id: row.id }), ticketOf);
}

type OneTicket = Readonly<Record<"customerId" | "ticketId", string>>;

/** One of the customer's own tickets with how it came to its status and its newest 100 comments. Throws `not_found`. */
export async function getTicket({ ctx, input }: { ctx: Ctx; input: OneTicket }): Promise<TicketWithComments> {
	return (await readTicket(ctx, input)).ticket;
}

/** The same with its survey, as its page shows it: still one read. */
export async function getTicketWithSurvey({
	ctx,
	input,
}: {
	ctx: Ctx & WithSurveyTokens;
	input: OneTicket;
}): Promise<TicketWithComments & { survey: SurveyOfTicket }> {
	const { ticket, more } = await readTicket(ctx, input, [selectSurveyOfTicket]);
	const [row] = (more[0]?.results ?? []) as unknown as SurveyOfTicketRow[]; // of `selectSurveyOfTicket`
	return { ...ticket, survey: await surveyOfTicket(ctx, row) };
}

async function readTicket(ctx: Ctx, params: OneTicket, reads: readonly Statement[] = []) {
	const database = ctx.databases.get(shardOf(params.customerId));
	const statements = [selectTicket, selectComments, ...reads];
	const [tickets, comments, ...more] = await database.batch(statements.map((one) => prepare(database, one, params)));
	const row = tickets?.results[0] as (TicketRow & { steps: string }) | undefined; // the shape of `selectTicket`
	if (!row) throw new Problem("not_found");
	const newestFirst = (comments?.results ?? []) as unknown as CommentRow[]; // of `selectComments`
	const ticket: TicketWithComments = {
		...ticketOf(row),
		steps: stepsOf(row.steps),
		comments: newestFirst.map(commentOf).reverse(),
	};
	return { ticket, more };
}
