import { brandOf, type CardDisplay, type CardReason, isExpired } from "../../../shared/cards.ts";
import { someNumber } from "../../../shared/testing/card-numbers.ts";
import type { Random } from "../../../shared/testing/random.ts";
import { days } from "../../../shared/time.ts";
import { behaviourOf } from "../card-behaviour.ts";
import { fakeSeal } from "../fake-cards.ts";

/** What may be wrong with what a browser sends. */
const faults = [
	"mistyped",
	"unknown brand",
	"expired",
	"another last4",
	"another nonce",
	"another customer",
	"fast clock",
	"code besides",
] as const;

/** A card as somebody types it. */
export interface TypedCard {
	readonly pan: string;
	readonly expMonth: number;
	readonly expYear: number;
	readonly fault: (typeof faults)[number] | undefined;
}

/** What the customer Worker gives a browser for one card. */
export interface Intent {
	readonly cardId: string;
	readonly nonce: string;
	readonly customerId: string;
	readonly kid: string;
	/** Milliseconds since 1970. */
	readonly expiresAt: number;
}

/** One of these numbers, now and then with something wrong. `now`: in virtual time. */
export function someCard(random: Random, numbers: readonly [string, ...string[]], now: number): TypedCard {
	const pan = random.pick(numbers);
	const fault = random.chance(0.3) ? random.pick(faults) : undefined;
	const soon = new Date(now);
	const good = random.chance(0.1)
		? { expMonth: soon.getUTCMonth() + 1, expYear: soon.getUTCFullYear() } // may be over before it is looked at
		: { expMonth: random.between(1, 13), expYear: random.between(2028, 2036) };
	if (fault === "mistyped") return { pan: `${pan.slice(0, -1)}${(Number(pan.at(-1)) + 1) % 10}`, ...good, fault };
	if (fault === "unknown brand") return { pan: someNumber(random, "9"), ...good, fault };
	if (fault === "expired") return { pan, expMonth: 12, expYear: 2025, fault };
	return { pan, ...good, fault };
}

/** What the browser shows of it, and sends in the clear. */
export const displayOf = ({ pan, expMonth, expYear, fault }: TypedCard): CardDisplay => ({
	brand: brandOf(pan) ?? "visa",
	last4: fault === "another last4" ? `${pan.slice(-4, -1)}${(Number(pan.at(-1)) + 1) % 10}` : pan.slice(-4),
	expMonth,
	expYear,
});

export function seal({ pan, expMonth, expYear, fault }: TypedCard, intent: Intent, now: number): string {
	const { customerId, cardId, nonce, kid, expiresAt } = intent;
	const late = fault === "fast clock" ? 3600 : 0;
	return fakeSeal(
		kid,
		{ sub: customerId, cid: cardId },
		{
			v: 1,
			aud: "billing.card.v1",
			sub: fault === "another customer" ? `${customerId.slice(0, -1)}${customerId.endsWith("0") ? "1" : "0"}` : customerId,
			cid: cardId,
			nonce: fault === "another nonce" ? `${nonce.slice(0, -1)}${nonce.endsWith("A") ? "Q" : "A"}` : nonce,
			iat: Math.floor(now / 1000) + late,
			exp: Math.floor(expiresAt / 1000) + late,
			pan,
			expMonth,
			expYear,
			...(fault === "code besides" ? { cvc: "123" } : {}),
		},
	);
}

/** From when a key takes no new card, and from when it opens none. */
export interface KeyEnd {
	readonly retiredAt: number;
	readonly goneAt: number;
}

/** What a card rightly hears that was taken at `acceptedAt` and looked at at `judgedAt`; undefined: it is good. */
export function deserved(
	card: TypedCard,
	{ acceptedAt, judgedAt, keyEnd }: { acceptedAt: number; judgedAt: number; keyEnd: KeyEnd | undefined },
): CardReason | undefined {
	const { fault } = card;
	if (keyEnd && judgedAt >= keyEnd.goneAt) return "key_retired";
	if (fault === "another nonce" || fault === "another customer") return "binding";
	if (fault === "fast clock" || judgedAt - acceptedAt > 15 * days) return "stale";
	if (keyEnd && acceptedAt > keyEnd.retiredAt) return "key_retired";
	if (fault === "code besides") return "schema";
	if (fault === "mistyped") return "luhn";
	if (fault === "unknown brand") return "brand";
	if (isExpired(card, judgedAt)) return "expired";
	if (fault === "another last4") return "mismatch";
	return behaviourOf(card.pan).kind === "declined" ? "declined" : undefined;
}
