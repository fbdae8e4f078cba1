import type { Ctx } from "../../../shared/context.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare, sql } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { theirs } from "./move.ts";
import type { ListQuery } from "./schemas.ts";
import { searches, waitingAtAll } from "./search.ts";
import { selectComments, selectRejections, ticketFields } from "./store.ts";
import { type CommentRow, commentOf, type RejectionRow, rejectionOf, type Ticket, type TicketRow, ticketOf } from "./ticket.ts";

/**
 * A page of the tickets that one search finds. Reads `limit` + 1 rows, however many there are. An expert sees no address
 * but those where they are expected: throws `not_permitted` for any search of theirs except `expert=me`.
 */
export async function listTickets({
	ctx,
	input: { actor, kind, sought, limit, cursor },
}: {
	ctx: Ctx;
	input: ListQuery & { actor: Actor };
}): Promise<Page<Ticket>> {
	if (actor.role === "expert" && !(kind === "expert" && sought === "me")) throw new Problem("not_permitted");
	const anyReason = kind === "waiting" && (sought === "" || sought === "true");
	const { page, first, at } = anyReason ? waitingAtAll : searches[kind];
	const params = { sought, actor: actor.email, now: ctx.now(), ...parseCursor(cursor, first), limit: limit + 1 };
	const { results } = await prepare(ctx.databases.get("00"), page, params).all<TicketRow>();
	return pageOf(results, limit, (row) => ({ at: at(row), id: row.id }), ticketOf);
}

const selectTicket = sql(`select ${ticketFields}, ${theirs} as permitted from tickets where id = :ticketId`);

/**
 * One ticket with its first 100 comments in the order of time, and who has sent it back. Throws `not_found`, or
 * `not_permitted` for an expert to whom it is not assigned.
 */
export async function getTicket({ ctx, input: { actor, ticketId } }: { ctx: Ctx; input: { actor: Actor; ticketId: string } }) {
	const database = ctx.databases.get("00");
	const params = { ticketId, actor: actor.email, role: actor.role };
	const statements = [selectTicket, selectComments, selectRejections].map((statement) => prepare(database, statement, params));
	const [tickets, comments, rejections] = await database.batch(statements);
	const ticket = tickets?.results[0] as (TicketRow & { permitted: number }) | undefined; // the shape of `selectTicket`
	if (!ticket) throw new Problem("not_found");
	if (!ticket.permitted) throw new Problem("not_permitted");
	return {
		...ticketOf(ticket),
		rejections: ((rejections?.results ?? []) as unknown as RejectionRow[]).map(rejectionOf), // of `selectRejections`
		comments: ((comments?.results ?? []) as unknown as CommentRow[]).map(commentOf), // of `selectComments`
	};
}
