/**
 * What a card of the sandbox does. Its token says so, and nothing else is known of it: the number that chose it is forgotten at
 * once.
 */
export type Behaviour =
	| "good"
	| "insufficient_funds"
	| "twice_insufficient_funds"
	| "card_expired"
	| "card_declined"
	| "pending"
	| "refund_refused"
	| "refund_pending";

/** Numbers that choose it, as payment providers publish them for tests: nobody's, and with a right check digit. Any other is good. */
export const chosenBy: ReadonlyMap<string, Behaviour | "declined"> = new Map([
	["4000000000000002", "declined"],
	["4000000000009995", "insufficient_funds"],
	["4000000000002222", "twice_insufficient_funds"],
	["4000000000000069", "card_expired"],
	["4000000000000341", "card_declined"],
	["4000000000000119", "pending"],
	["4000000000005126", "refund_refused"],
	["4000000000007726", "refund_pending"],
]);

/** What the card of this number does; `declined` when it is not taken at all. */
export const behaviourOf = (pan: string): Behaviour | "declined" => chosenBy.get(pan) ?? "good";

/** The token of a card. It is made from the card's id: the same card has the same one. */
export const tokenOf = (behaviour: Behaviour, cardId: string) => `tok.${behaviour}.${cardId}`;

const behaviours: readonly string[] = ["good", ...chosenBy.values()].filter((one) => one !== "declined");
const isBehaviour = (text: string): text is Behaviour => behaviours.includes(text);

/** What is read from a token; undefined for one that is none of ours. */
export function readToken(token: string): Behaviour | undefined {
	const [kind, behaviour = "", cardId] = token.split(".");
	return kind === "tok" && cardId && isBehaviour(behaviour) ? behaviour : undefined;
}
