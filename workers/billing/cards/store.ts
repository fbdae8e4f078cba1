import { days } from "../../../shared/time.ts";

export const said = (field: string) => `m.value->>'$.data.${field}'`;
export const subject = "m.value->>'$.subject'";

/**
 * From when a card that is rejected or removed may be forgotten. Whatever comes later is of a card that was accepted more than
 * 15 days ago: it is rejected as `stale`, and the customer quantum takes no second verdict. So nothing forgotten is charged.
 */
export const forgetAt = `(:now + ${90 * days})`;

/** Nothing of these cards stays in the vault, nor what finds them again. `cardIds` is a query. */
export const forgetSecrets = (cardIds: string): string[] => [
	`delete from vault where card_id in (${cardIds})`,
	`delete from fingerprints where card_id in (${cardIds})`,
];
