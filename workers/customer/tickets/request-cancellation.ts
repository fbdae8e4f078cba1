import type { Ctx } from "../../../shared/context.ts";
import type { Session } from "../../../shared/crypto/session-token.ts";
import type { TicketCancellationRequested } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { isRevoked } from "../sessions/revoked.ts";
import { emitChange, requestCancellation as requestStatement, selectTicket } from "./store.ts";
import { type Ticket, type TicketRow, ticketOf } from "./ticket.ts";

/**
 * Asks sysops to cancel the customer's own ticket. Asking again changes nothing. Throws `session_revoked`, `not_found`, or
 * `wrong_status` when somebody is at work already or the work is done.
 */
export async function requestCancellation({
	ctx,
	input: { session, ticketId },
}: {
	ctx: Ctx;
	input: { session: Session; ticketId: string };
}): Promise<Ticket> {
	const { customerId, sessionId } = session;
	const shard = shardOf(customerId);
	const database = ctx.databases.get(shard);

	const now = ctx.now();
	const data: TicketCancellationRequested = { ticketId, requestedAt: now };
	const event = newEvent(ctx, shard, { type: "TicketCancellationRequested", subject: customerId, data, at: now });
	const params = { ...outboxParams(ctx, event), now, ticketId, customerId, sessionId };
	const { emitted, reads } = await commit(ctx, database, {
		change: requestStatement,
		emit: emitChange,
		reads: [isRevoked, selectTicket],
		params,
	});
	const [revoked, tickets] = reads;
	if ((revoked?.results[0] as { revoked: number } | undefined)?.revoked) throw new Problem("session_revoked");
	const ticket = tickets?.results[0] as TicketRow | undefined; // the shape of `selectTicket`
	if (!ticket) throw new Problem("not_found");
	const { status, cancellation_requested_at: requestedAt } = ticket;
	// of one that was resolved meanwhile, it would not be true that the wish still counts
	if (requestedAt === null || status === "resolved") throw new Problem("wrong_status");
	if (emitted) ctx.log.info("ticket_cancellation_requested", { ticketId, eventId: event.id });
	return ticketOf(ticket);
}
