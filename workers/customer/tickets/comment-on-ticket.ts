import type { Ctx } from "../../../shared/context.ts";
import type { Session } from "../../../shared/crypto/session-token.ts";
import type { TicketCommented } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { prepare } from "../../../shared/sql.ts";
import { isRevoked } from "../sessions/revoked.ts";
import { identify } from "./idempotency.ts";
import type { NewComment } from "./schemas.ts";
import { emitChange, insertComment, selectComment, selectTicket } from "./store.ts";
import { type Comment, type CommentRow, commentOf, type TicketRow, takesComments, ticketOf } from "./ticket.ts";

export interface CommentOnTicket extends NewComment {
	readonly session: Session;
	readonly ticketId: string;
	readonly idempotencyKey: string | undefined;
}

/**
 * Adds a comment to the customer's own ticket. Throws `session_revoked`, `not_found`, `idempotency_key_reused`, or
 * `wrong_status` when the ticket has been closed for too long.
 */
export async function commentOnTicket({ ctx, input }: { ctx: Ctx; input: CommentOnTicket }): Promise<Comment> {
	const { session, ticketId, idempotencyKey: key, text } = input;
	const { customerId, sessionId } = session;
	const content = { ticketId, text };
	const { id: commentId, requestDigest } = await identify(ctx, "cmt", { customerId, operation: "comment", key, content });
	const shard = shardOf(customerId);
	const database = ctx.databases.get(shard);

	const now = ctx.now();
	const data: TicketCommented = { ticketId, commentId, commentedAt: now, text };
	const event = newEvent(ctx, shard, { type: "TicketCommented", subject: customerId, data, at: now });
	const params = { ...outboxParams(ctx, event), now, text, ticketId, commentId, requestDigest, customerId, sessionId };
	const { emitted } = await commit(ctx, database, { change: insertComment, emit: emitChange, params });
	if (emitted) {
		ctx.log.info("ticket_commented", { ticketId, eventId: event.id });
		return commentOf({ id: commentId, created_at: now, text, author: null });
	}

	const [revoked, tickets, comments] = await database.batch([
		prepare(database, isRevoked, params),
		prepare(database, selectTicket, params),
		prepare(database, selectComment, params),
	]);
	const comment = comments?.results[0] as (CommentRow & { request_digest: string }) | undefined; // of `selectComment`
	if ((revoked?.results[0] as { revoked: number } | undefined)?.revoked) throw new Problem("session_revoked");
	if (comment && comment.request_digest !== requestDigest) throw new Problem("idempotency_key_reused");
	if (comment) return commentOf(comment);
	const ticket = tickets?.results[0] as TicketRow | undefined; // of `selectTicket`
	if (!ticket) throw new Problem("not_found");
	throw new Problem(takesComments(ticketOf(ticket), now) ? "unavailable" : "wrong_status");
}
