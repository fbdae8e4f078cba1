import type { Session } from "../../../shared/crypto/session-token.ts";
import type { CardRemoved } from "../../../shared/events/customer.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import type { RequestCtx } from "../context.ts";
import { isRevoked } from "../sessions/revoked.ts";
import { checkTrusted } from "./check-trusted.ts";
import { emitChange, removeCard as removeStatement, selectCard } from "./store.ts";

/**
 * Removes the customer's own card, or calls off its intent, for a session that identity trusts; billing forgets it. Again
 * changes nothing. Throws `session_revoked`, `session_not_fresh`, `change_held`, `not_found`, or `unavailable` without
 * identity.
 */
export async function removeCard({
	ctx,
	input: { session, cardId },
}: {
	ctx: RequestCtx;
	input: { session: Session; cardId: string };
}): Promise<void> {
	const { customerId, sessionId } = session;
	await checkTrusted(ctx, session);

	const shard = shardOf(customerId);
	const now = ctx.now();
	const data: CardRemoved = { cardId, removedAt: now };
	const event = newEvent(ctx, shard, { type: "CardRemoved", subject: customerId, data, at: now });
	const { emitted, reads } = await commit(ctx, ctx.databases.get(shard), {
		change: removeStatement,
		emit: emitChange,
		reads: [isRevoked, selectCard],
		params: { ...outboxParams(ctx, event), now, cardId, customerId, sessionId },
	});
	const [revoked, cards] = reads;
	if ((revoked?.results[0] as { revoked: number } | undefined)?.revoked) throw new Problem("session_revoked");
	if (cards?.results.length === 0) throw new Problem("not_found");
	if (emitted) ctx.log.info("card_removed", { cardId, eventId: event.id });
}
