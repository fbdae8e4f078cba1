import { brands } from "../../../shared/cards.ts";
import type { Card } from "./schemas.ts";

/** What the words of the API are called on a page. */

export const brandNames = Object.values(brands).map(({ name }) => name);

/** As its customer knows it, without the number. */
export const nameOf = ({ brand, last4 }: Pick<Card, "brand" | "last4">) => `${brands[brand].name} ending in ${last4}`;

/** As it stands on the card. */
export const expiryOf = ({ expMonth, expYear }: Pick<Card, "expMonth" | "expYear">) =>
	`${String(expMonth).padStart(2, "0")}/${expYear}`;

/** In short, and in a sentence. */
export const stateNames: Readonly<
	Record<Card["state"] | "expired", readonly [kind: "plain" | "busy" | "good" | "warn", short: string, sentence: string]>
> = {
	submitted: ["busy", "Being checked", "We are checking it. This takes a moment."],
	verified: ["good", "Ready", "It can be used for your plan."],
	rejected: ["warn", "Not accepted", ""],
	removed: ["plain", "Removed", "We do not have it any more."],
	expired: ["warn", "Expired", "It cannot be charged any more. Replace it with a card that is valid."],
};

/** Why a card was not accepted, and what to do about it. */
export const reasonWords: Readonly<Record<NonNullable<Card["reason"]>, string>> = {
	luhn: "A digit of the card number is wrong or missing. Look at the card and add it again.",
	brand: "We do not take cards of this kind. Add another card.",
	expired: "The card has expired. Add one that is valid.",
	mismatch:
		"The details that came with the card and those that were encrypted were not the same. Load the page again and add the card once more.",
	binding: "The card was not encrypted for your account. Sign in again and add it once more, on our page only.",
	stale: "The card reached us too late to be checked. Add it again.",
	key_retired: "The key that the card was encrypted with has been replaced. Add the card once more: the page has the new key.",
	schema: "We could not read what was sent. Load the page again and add the card once more.",
	declined: "The bank has declined the card. Ask your bank, or add another card.",
	replaced: "Another card has taken its place. There is nothing to do.",
};
