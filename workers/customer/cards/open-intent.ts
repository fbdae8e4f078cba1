import { bytesToBase64Url } from "../../../shared/bytes.ts";
import type { Session } from "../../../shared/crypto/session-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { RequestCtx } from "../context.ts";
import { identify } from "../tickets/idempotency.ts";
import { endOfIntent, mostCards } from "./card.ts";
import { cardKeysOf } from "./card-keys.ts";
import { checkTrusted } from "./check-trusted.ts";
import type { CardIntent, CardKey, NewCardIntent } from "./schemas.ts";
import { explainRefusal, insertIntent } from "./store.ts";

export interface OpenIntent extends NewCardIntent {
	readonly session: Session;
	readonly idempotencyKey: string | undefined;
}

/**
 * Leave to submit one card in the next ten minutes, for a session that identity trusts; what a repetition with the same
 * Idempotency-Key gets is the same.
 *
 * Throws `session_revoked`, `session_not_fresh`, `change_held`, `too_many_cards`, `card_not_verified`, `intent_closed` or
 * `idempotency_key_reused` for a key that was used before, or `unavailable` without identity or a key of billing.
 */
export async function openIntent({ ctx, input }: { ctx: RequestCtx; input: OpenIntent }): Promise<CardIntent> {
	const { session, idempotencyKey: key, replaces = null } = input;
	const { customerId, sessionId } = session;
	const keys = cardKeysOf(ctx);
	await checkTrusted(ctx, session);

	const { id: cardId } = await identify(ctx, "crd", { customerId, operation: "card", key, content: null });
	const now = ctx.now();
	const intent = { kid: keys[0].kid, nonce: bytesToBase64Url(ctx.randomBytes(16)), expiresAt: endOfIntent(now) };
	const params = { ...intent, customerId, sessionId, cardId, replaces, now };
	const database = ctx.databases.get(shardOf(customerId));
	const { results } = await prepare(database, insertIntent, params).all();
	if (results.length === 0) {
		const known = (await prepare(database, explainRefusal, params).all<Refusal>()).results[0];
		return repeated(known, keys, { customerId, replaces, now });
	}
	ctx.log.info("card_intent_opened", { cardId });
	return intentOf({ id: cardId, nonce: intent.nonce, expires_at: intent.expiresAt }, customerId, keys[0]);
}

interface IntentRow {
	readonly id: string;
	readonly nonce: string;
	readonly expires_at: number;
}

/** The shape of `explainRefusal`; without an intent of this id, its fields are null. */
type Refusal = { revoked: number; count: number; replaceable: number; replaces: string | null; state: string | null } & (
	| { id: null }
	| (IntentRow & { kid: string })
);

/** The same intent again while it is open, or why there is none. */
function repeated(
	known: Refusal | undefined,
	keys: readonly CardKey[],
	{ customerId, replaces, now }: { customerId: string; replaces: string | null; now: number },
): CardIntent {
	if (known?.revoked) throw new Problem("session_revoked");
	if (known && known.id !== null) {
		if (known.replaces !== replaces) throw new Problem("idempotency_key_reused");
		const key = keys.find(({ kid }) => kid === known.kid);
		if (!key || known.state !== "open" || known.expires_at <= now) throw new Problem("intent_closed");
		return intentOf(known, customerId, key);
	}
	if (known && known.count >= mostCards) throw new Problem("too_many_cards");
	if (!known?.replaceable) throw new Problem("card_not_verified");
	throw new Problem("unavailable"); // what was in the way is gone again: the same request will do
}

const intentOf = ({ id, nonce, expires_at }: IntentRow, customerId: string, key: CardKey): CardIntent => ({
	cardId: id,
	nonce,
	expiresAt: new Date(expires_at).toISOString(),
	customerId,
	key,
});
