import * as v from "valibot";
import { CardDisplay, CardReason } from "../cards.ts";
import { id, instant } from "./fields.ts";

/**
 * A card is what it was said to be, and stands sealed in the vault. `replaces` are cards of the same customer that are not
 * charged any more because of this one: the one that the customer replaced, and earlier entries of the same card. May be
 * said again, with another one in `replaces`.
 */
export const CardVerified = v.object({
	cardId: id("crd"),
	...CardDisplay.entries,
	verifiedAt: instant,
	replaces: v.pipe(v.array(id("crd")), v.maxLength(100)),
});
export type CardVerified = v.InferOutput<typeof CardVerified>;

/** A card cannot be charged. Nothing of it is kept but this. */
export const CardRejected = v.object({ cardId: id("crd"), reason: CardReason, rejectedAt: instant });
export type CardRejected = v.InferOutput<typeof CardRejected>;
