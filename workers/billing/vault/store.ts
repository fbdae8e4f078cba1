import { sql } from "../../../shared/sql.ts";

/** Which key-encryption keys hold rows: skips along the index, a row read for each key however many cards it holds. */
export const selectKeks = sql(`
	with recursive held(kek_id) as (
		select min(kek_id) from vault
		union all
		select (select min(kek_id) from vault where kek_id > held.kek_id) from held where held.kek_id is not null)
	select kek_id from held where kek_id is not null limit 100`);

/** Between two card ids, by their order. */
export const selectWrapped = sql(`
	select card_id, customer_id, wrapped_key from vault
	where kek_id = :kekId and card_id > :after and card_id <= :until order by card_id limit :limit`);

export const selectSealed = sql(`
	select card_id, customer_id, wrapped_key, sealed_card from vault
	where kek_id = :kekId and card_id > :after and card_id <= :until order by card_id limit :limit`);

/**
 * Compares and swaps: what has been removed or wrapped anew in the meantime stays as it is. The plus keeps SQLite off the
 * index of keys, by which it would look for each row among all.
 */
export const swapWrapped = sql(`
	update vault set kek_id = m.value->>'$.kekId', wrapped_key = m.value->>'$.wrappedKey'
	from json_each(:rows) as m
	where vault.card_id = m.value->>'$.cardId' and +vault.kek_id = :kekId and vault.wrapped_key = m.value->>'$.was'`);

const isVerified = (table: string) => `exists (select 1 from cards where card_id = ${table}.card_id and state = 'verified')`;

/** Cards by when they were sealed, a page after a place in that order. */
export const selectSealedSince = sql(`
	select card_id, sealed_at, ${isVerified("vault")} as verified from vault
	where (sealed_at, card_id) > (:sealedAt, :after) and sealed_at <= :until order by sealed_at, card_id limit :limit`);

/** Of a page of card ids those that no verified card has. */
const unverified = (table: string) => `
	select card_id from (select card_id from ${table} where card_id > :after order by card_id limit :limit) as page
	where not ${isVerified("page")}`;
export const selectUnverifiedSealed = sql(unverified("vault"));
export const selectUnverifiedFingerprints = sql(unverified("fingerprints"));

const unverifiedOf = (table: string) => `card_id in (select value from json_each(:cardIds)) and not ${isVerified(table)}`;
export const deleteSealed = sql(`
	delete from vault where ${unverifiedOf("vault")} and sealed_at <= :until returning card_id`);
/** One whose card is in the vault goes with it. */
export const deleteFingerprints = sql(`
	delete from fingerprints where ${unverifiedOf("fingerprints")}
		and not exists (select 1 from vault where card_id = fingerprints.card_id) returning card_id`);
