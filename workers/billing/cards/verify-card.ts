import * as v from "valibot";
import { brandOf, brands, type CardDisplay, type CardReason, isExpired, isLuhnValid } from "../../../shared/cards.ts";
import type { CardSubmitted } from "../../../shared/events/customer.ts";
import { days, seconds } from "../../../shared/time.ts";
import type { CardEntry } from "../provider/provider.ts";
import type { OpenedCard } from "./card-keys.ts";

/** From when on a submission is too old, in milliseconds: a day more than a queue keeps, and far less than a tombstone stays. */
const longestAge = 15 * days;
/** Seconds by which a browser's clock may be ahead of ours. */
const clockSkew = 60;

/** Exactly these fields: one that is not known here could mean anything. */
const Header = v.strictObject({
	alg: v.literal("ECDH-ES"),
	enc: v.literal("A256GCM"),
	typ: v.literal("card+jwe"),
	kid: v.string(),
	sub: v.string(),
	cid: v.string(),
	epk: v.looseObject({}),
});

/** For whom it was sealed, and when. Times in seconds. */
const Claims = v.object({
	sub: v.optional(v.unknown()),
	cid: v.optional(v.unknown()),
	nonce: v.optional(v.unknown()),
	iat: v.pipe(v.number(), v.safeInteger()),
	exp: v.pipe(v.number(), v.safeInteger()),
});

const Payload = v.strictObject({
	v: v.literal(1),
	aud: v.literal("billing.card.v1"),
	sub: v.string(),
	cid: v.string(),
	nonce: v.string(),
	iat: v.number(),
	exp: v.number(),
	pan: v.string(),
	expMonth: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(12)),
	expYear: v.pipe(v.number(), v.integer(), v.minValue(2000), v.maxValue(2099)),
	name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(100))),
});

interface Submission {
	readonly opened: OpenedCard;
	readonly submitted: CardSubmitted;
	/** Of the envelope: who has sent it. */
	readonly customerId: string;
	readonly now: number;
}

/**
 * Whether a card that was submitted is one that can be charged, and whose it is, or the first reason against it: the
 * questions and their order are those of docs/security/cards.md. A payload that is no object, or without times, cannot be
 * asked for more: `schema` at once. Whether the nonce was used before, only the database knows.
 */
export function verifyCard({ opened, submitted, customerId, now }: Submission): { reason: CardReason } | { card: CardEntry } {
	if ("failure" in opened) return { reason: opened.failure };
	const header = v.safeParse(Header, opened.header);
	const claims = v.safeParse(Claims, opened.payload);
	if (!header.success || !claims.success) return { reason: "schema" };
	const reason =
		wrongBinding(header.output, claims.output, submitted, customerId) ??
		tooLate(claims.output, submitted, now) ??
		(opened.retiredAt !== null && submitted.acceptedAt > opened.retiredAt ? "key_retired" : undefined);
	if (reason) return { reason };
	const payload = v.safeParse(Payload, opened.payload);
	if (!payload.success) return { reason: "schema" };
	const { pan, expMonth, expYear, name = null } = payload.output;
	const card = { pan, expMonth, expYear, name };
	const fault = notCharged(card, submitted, now);
	return fault ? { reason: fault } : { card };
}

function wrongBinding(
	header: v.InferOutput<typeof Header>,
	{ sub, cid, nonce }: v.InferOutput<typeof Claims>,
	{ cardId, nonce: intended }: CardSubmitted,
	customerId: string,
): "binding" | undefined {
	const isBound = [header.sub, sub].every((one) => one === customerId) && [header.cid, cid].every((one) => one === cardId);
	return isBound && nonce === intended ? undefined : "binding";
}

/** By the envelope's time of acceptance: what a queue was late with does not expire a card. */
function tooLate({ iat, exp }: v.InferOutput<typeof Claims>, { acceptedAt }: CardSubmitted, now: number): "stale" | undefined {
	const accepted = Math.floor(acceptedAt / seconds); // `exp` is rounded down as well
	return iat - clockSkew <= accepted && accepted <= exp && now - acceptedAt <= longestAge ? undefined : "stale";
}

function notCharged(card: CardEntry, shown: CardDisplay, now: number): CardReason | undefined {
	const { pan, expMonth, expYear } = card;
	if (!/^\d{12,19}$/.test(pan) || !isLuhnValid(pan)) return "luhn";
	const brand = brandOf(pan);
	if (!brand) return "brand";
	const lengths: readonly number[] = brands[brand].lengths;
	if (!lengths.includes(pan.length)) return "luhn";
	if (isExpired(card, now)) return "expired";
	const isShown =
		shown.brand === brand && shown.last4 === pan.slice(-4) && shown.expMonth === expMonth && shown.expYear === expYear;
	return isShown ? undefined : "mismatch";
}
