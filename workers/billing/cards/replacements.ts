import { forgetAt, forgetSecrets, said, subject } from "./store.ts";
import { judged, replacesOther, sameNumber } from "./verdicts.ts";

/**
 * Of the cards with one number of one customer the one that was accepted last stands. `update … from` reads all of them before
 * it changes one.
 */
export const replaceSameNumber = `
	update cards set state = 'removed', changed_at = :now, replaced_by = entry.standing, removal_run = :run, prunable_at = ${forgetAt}
	from (
		select c.card_id, first_value(c.card_id) over (
			partition by f.customer_id, f.fingerprint order by c.accepted_at desc, c.card_id desc) as standing
		from ${judged} cross join ${sameNumber.from}
		where ${sameNumber.where} and c.state = 'verified') as entry
	where cards.card_id = entry.card_id and entry.standing <> entry.card_id`;

/** What stands instead of a named card: that with the number of `m`. */
const standing = "coalesce(w.replaced_by, w.card_id)";

/** A card that the customer wants replaced is removed, whatever has become of it; a tombstone if it has not come. */
export const replaceNamed = `
	insert into cards (card_id, customer_id, state, changed_at, replaced_by, removal_run, prunable_at)
	select ${said("replaces")}, ${subject}, 'removed', :now, ${standing}, :run, ${forgetAt}
	from ${judged} where w.reason is null and ${replacesOther("w.card_id", standing)}
	on conflict do update set state = 'removed', changed_at = excluded.changed_at, replaced_by = excluded.replaced_by,
		removal_run = excluded.removal_run, prunable_at = excluded.prunable_at
	where cards.state <> 'removed'`;

export const forgetReplaced = forgetSecrets(`
	select c.card_id from ${judged} cross join ${sameNumber.from} where ${sameNumber.where} and c.state = 'removed'
	union select c.card_id from ${judged} cross join cards as c on c.card_id = ${said("replaces")}
	where c.state = 'removed'`);
