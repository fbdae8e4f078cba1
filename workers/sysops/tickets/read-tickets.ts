import * as v from "valibot";
import type { Ctx } from "../../../shared/context.ts";
import { CustomerSnapshot } from "../../../shared/events/customer.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import type { tickets } from "../tables.ts";
import { selectComments, selectTicket, selectTickets } from "./store.ts";

interface TicketRow {
	id: string;
	customer_id: string;
	status: typeof tickets.$inferSelect.status;
	submitted_at: number;
	received_at: number;
	device: string;
	category: string;
	priority: string;
	text: string;
	customer: string;
	cancellation_requested_at: number | null;
}

interface CommentRow {
	id: string;
	commented_at: number;
	text: string;
}

/** A ticket as the staff see it. Times leave as ISO 8601 instants. */
function ticketOf({ customer_id, submitted_at, received_at, cancellation_requested_at: requested, ...row }: TicketRow) {
	return {
		...row,
		customerId: customer_id,
		submittedAt: instant(submitted_at),
		receivedAt: instant(received_at),
		cancellationRequestedAt: requested === null ? null : instant(requested),
		customer: v.parse(CustomerSnapshot, JSON.parse(row.customer)),
	};
}
type Ticket = ReturnType<typeof ticketOf>;

const instant = (at: number) => new Date(at).toISOString();

/** A page of the tickets in one state, the oldest first. */
export async function listTickets({
	ctx,
	input: { status, limit, cursor },
}: {
	ctx: Ctx;
	input: { status: TicketRow["status"]; limit: number; cursor: string };
}): Promise<Page<Ticket>> {
	const database = ctx.databases.get("00");
	const params = { status, ...parseCursor(cursor, "oldest"), limit: limit + 1 };
	const { results } = await prepare(database, selectTickets, params).all<TicketRow>();
	return pageOf(results, limit, (row) => ({ at: row.submitted_at, id: row.id }), ticketOf);
}

/** One ticket with its first 100 comments in the order of time. Throws `not_found`. */
export async function getTicket({ ctx, input }: { ctx: Ctx; input: { ticketId: string } }) {
	const database = ctx.databases.get("00");
	const [tickets, comments] = await database.batch([
		prepare(database, selectTicket, input),
		prepare(database, selectComments, input),
	]);
	const ticket = tickets?.results[0] as TicketRow | undefined; // the shape of `selectTicket`
	if (!ticket) throw new Problem("not_found");
	const rows = (comments?.results ?? []) as unknown as CommentRow[]; // of `selectComments`
	return {
		...ticketOf(ticket),
		comments: rows.map(({ id, commented_at, text }) => ({ id, commentedAt: instant(commented_at), text })),
	};
}
