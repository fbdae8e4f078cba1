import type { Ctx } from "../../../shared/context.ts";
import type { Session } from "../../../shared/crypto/session-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { commitRows, effect } from "../../../shared/messaging/effects.ts";
import { isRevoked } from "../sessions/revoked.ts";
import { identify } from "./idempotency.ts";
import type { NewReopening } from "./schemas.ts";
import {
	emitReopenRequested,
	insertReopeningComment,
	requestReopening as requestStatement,
	selectComment,
	selectTicket,
} from "./store.ts";
import { type Ticket, type TicketRow, ticketOf } from "./ticket.ts";

export interface RequestReopening extends NewReopening {
	readonly session: Session;
	readonly ticketId: string;
	readonly idempotencyKey: string | undefined;
}

/** In this order: each depends on what the one before has changed. */
const effects = [insertReopeningComment, requestStatement, emitReopenRequested].map(effect);

/**
 * Tells sysops that the problem of the customer's own resolved ticket is back; what is wrong becomes a comment. Throws
 * `session_revoked`, `not_found`, `idempotency_key_reused`, or `wrong_status` when the ticket is not resolved, has been for
 * more than 14 days, or it has been asked for already.
 */
export async function requestReopening({ ctx, input }: { ctx: Ctx; input: RequestReopening }): Promise<Ticket> {
	const { session, ticketId, idempotencyKey: key, text } = input;
	const { customerId, sessionId } = session;
	const content = { ticketId, text };
	const { id: commentId, requestDigest } = await identify(ctx, "cmt", { customerId, operation: "reopen", key, content });

	const { effects: changes, reads } = await commitRows(ctx, shardOf(customerId), {
		effects,
		rows: [{ subject: customerId }],
		params: { customerId, sessionId, ticketId, commentId, requestDigest, text },
		reads: [isRevoked, selectTicket, selectComment],
	});
	const emitted = changes.at(-1)?.results.length === 1;
	const [revoked, tickets, comments] = reads;
	const ticket = tickets?.results[0] as TicketRow | undefined; // the shape of `selectTicket`
	const comment = comments?.results[0] as { request_digest: string } | undefined; // of `selectComment`
	if ((revoked?.results[0] as { revoked: number } | undefined)?.revoked) throw new Problem("session_revoked");
	if (comment && comment.request_digest !== requestDigest) throw new Problem("idempotency_key_reused");
	if (!ticket) throw new Problem("not_found");
	if (!comment) throw new Problem("wrong_status");

	if (emitted) ctx.log.info("ticket_reopening_requested", { ticketId });
	return ticketOf(ticket);
}
