import { toHex } from "../../../shared/bytes.ts";
import type { Ctx } from "../../../shared/context.ts";
import type { Session } from "../../../shared/crypto/session-token.ts";
import type { CardSubmitted } from "../../../shared/events/customer.ts";
import { Problem, type ProblemCode } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { commit, outboxParams } from "../../../shared/messaging/outbox.ts";
import { isRevoked } from "../sessions/revoked.ts";
import { type CardRow, cardOf } from "./card.ts";
import type { Card, NewCard } from "./schemas.ts";
import { sealedFor } from "./seal.ts";
import { emitCardSubmitted, selectCard, submitCard as submitStatement } from "./store.ts";

export interface SubmitCard extends NewCard {
	readonly session: Session;
}

/**
 * Takes a sealed card for billing in one durable write, which closes its intent. identity is not asked again: it trusted
 * the session when the intent was given. The same submission again is answered with the card as it is now.
 *
 * Throws `wrong_seal`, `card_number_in_clear`, `session_revoked`, or `intent_closed` for an intent that is over, was used
 * or is not this customer's.
 */
export async function submitCard({ ctx, input }: { ctx: Ctx; input: SubmitCard }): Promise<Card> {
	const { session, cardId, jwe, brand, last4, expMonth, expYear } = input;
	const { customerId, sessionId } = session;
	const kid = sealedFor(jwe, { customerId, cardId });
	const display = { brand, last4, expMonth, expYear };
	const digest = await ctx.digest(JSON.stringify({ cardId, jwe, ...display }));
	const requestDigest = toHex(digest.subarray(0, 16));

	const shard = shardOf(customerId);
	const now = ctx.now();
	const data: Omit<CardSubmitted, "nonce" | "replaces"> = { cardId, jwe, ...display, acceptedAt: now };
	const event = newEvent(ctx, shard, { type: "CardSubmitted", subject: customerId, data, at: now });
	const params = { ...outboxParams(ctx, event), ...display, now, cardId, customerId, sessionId, kid, requestDigest };
	const { emitted, reads } = await commit(ctx, ctx.databases.get(shard), {
		change: submitStatement,
		emit: emitCardSubmitted,
		reads: [isRevoked, selectCard],
		params,
	});
	const [revoked, cards] = reads;
	if ((revoked?.results[0] as { revoked: number } | undefined)?.revoked) throw new Problem("session_revoked");
	const card = cards?.results[0] as Found | undefined; // the shape of `selectCard`
	if (card?.state === "open" || card?.request_digest !== requestDigest) throw new Problem(refusal(card, { kid, now }));
	if (emitted) ctx.log.info("card_submitted", { cardId, eventId: event.id });
	return cardOf(card, now);
}

type Found = { kid: string; expires_at: number; request_digest: string | null } & (CardRow | { state: "open" });

/** Why nothing was taken. Another customer's intent is answered like none. */
function refusal(card: Found | undefined, { kid, now }: { kid: string; now: number }): ProblemCode {
	if (card?.state !== "open" || card.expires_at <= now) return "intent_closed";
	return card.kid === kid ? "unavailable" : "wrong_seal"; // of a session that was let in again: the same request will do
}
