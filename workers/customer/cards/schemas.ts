import * as v from "valibot";
import { Brand, CardDisplay, CardReason, cardLimits } from "../../../shared/cards.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { idPattern } from "../../../shared/ids.ts";

const cardId = v.pipe(v.string(), v.regex(idPattern("crd")));

/** The body of `POST cards/intents`: the card that the new one is to take the place of, if any. */
export const NewCardIntent = v.strictObject({ replaces: v.optional(cardId) });
export type NewCardIntent = v.InferOutput<typeof NewCardIntent>;

/** The body of `POST cards`: what the browser has sealed for billing, and what may be shown of it. */
export const NewCard = v.strictObject({
	cardId,
	/** Compact JWE (RFC 7516). */
	jwe: v.pipe(v.string(), v.maxLength(cardLimits.jwe), v.regex(/^[\w.-]+$/)),
	...CardDisplay.entries,
});
export type NewCard = v.InferOutput<typeof NewCard>;

/** What cannot be an id is answered like one that does not exist. */
export function cardIdOf(param: string): string {
	if (!idPattern("crd").test(param)) throw new Problem("not_found");
	return param;
}

const instant = v.pipe(v.string(), v.isoTimestamp());

/** A P-256 point, each coordinate 32 bytes in base64url. */
const coordinate = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));

/** Billing's public key (RFC 7517), named by its thumbprint (RFC 7638). */
export const CardKey = v.object({
	kty: v.literal("EC"),
	crv: v.literal("P-256"),
	kid: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
	x: coordinate,
	y: coordinate,
});
export type CardKey = v.InferOutput<typeof CardKey>;

/** Leave to submit one card: what has to be sealed with it, and the key to seal it with. */
export const CardIntent = v.object({
	cardId,
	/** 128 bits in base64url. */
	nonce: v.string(),
	expiresAt: instant,
	customerId: v.pipe(v.string(), v.regex(idPattern("cus"))),
	key: CardKey,
});
export type CardIntent = v.InferOutput<typeof CardIntent>;

/** The protected header of what is submitted: these fields and no other, so that none can name a key or an address. */
export const SealHeader = v.strictObject({
	alg: v.literal("ECDH-ES"),
	enc: v.literal("A256GCM"),
	kid: v.string(),
	typ: v.literal("card+jwe"),
	sub: v.string(),
	cid: v.string(),
	epk: v.strictObject({ kty: v.literal("EC"), crv: v.literal("P-256"), x: coordinate, y: coordinate }),
});
export type SealHeader = v.InferOutput<typeof SealHeader>;

/** A card as its customer sees it. */
export const Card = v.object({
	id: cardId,
	/** `submitted` until billing has opened and checked it. */
	state: v.picklist(["submitted", "verified", "rejected", "removed"]),
	/** Why it was rejected, or `replaced` of one that another card took the place of. */
	reason: v.nullable(v.picklist([...CardReason.options, "replaced"])),
	brand: Brand,
	last4: v.string(),
	expMonth: v.pipe(v.number(), v.integer()),
	expYear: v.pipe(v.number(), v.integer()),
	/** Its month is over (UTC). */
	expired: v.boolean(),
	/** The card that it was to take the place of. */
	replaces: v.nullable(cardId),
	createdAt: instant,
	submittedAt: instant,
	/** When it came to its state. */
	changedAt: instant,
});
export type Card = v.InferOutput<typeof Card>;
