import { sql } from "../../../shared/sql.ts";
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

/** A row if nothing can come of a submission any more: the card has its verdict or was removed, or its customer was erased. */
export const selectSettled = sql(`
	select 1 as settled where exists (select 1 from cards where card_id = :cardId)
		or exists (select 1 from erased_customers where customer_id = :customerId)`);

/** Compares and swaps: a card that was removed in the meantime stays away. One that was only wrapped anew is replaced as well. */
export const swapSealed = sql(`
	update vault set kek_id = :kekId, wrapped_key = :wrappedKey, sealed_card = :sealedCard
	where card_id = :cardId and sealed_card = :was`);
