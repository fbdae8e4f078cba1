import type { Ctx } from "../../../shared/context.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
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

/** One of the customer's own tickets with how it came to its status and its newest 100 comments. Throws `not_found`. */
export async function getTicket({
	ctx,
	input: { customerId, ticketId },
}: {
	ctx: Ctx;
	input: { customerId: string; ticketId: string };
}): Promise<TicketWithComments> {
	const database = ctx.databases.get(shardOf(customerId));
	const params = { customerId, ticketId };
	const [tickets, comments] = await database.batch([
		prepare(database, selectTicket, params),
		prepare(database, selectComments, params),
	]);
	const ticket = tickets?.results[0] as (TicketRow & { steps: string }) | undefined; // the shape of `selectTicket`
	if (!ticket) throw new Problem("not_found");
	const newestFirst = (comments?.results ?? []) as unknown as CommentRow[]; // of `selectComments`
	return { ...ticketOf(ticket), steps: stepsOf(ticket.steps), comments: newestFirst.map(commentOf).reverse() };
}
