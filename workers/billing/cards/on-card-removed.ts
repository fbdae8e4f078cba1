import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { forgetAt, forgetSecrets, said, subject } from "./store.ts";

/**
 * A card that its customer wants to be forgotten is gone from the vault. What stays is a tombstone, also of one that has not
 * come yet: it stops whatever comes late. Stands before `CardSubmitted` in a batch, so that nothing is sealed in vain.
 */
export const onCardRemoved = consumption("CardRemoved", {
	effects: [
		`insert into cards (card_id, customer_id, state, changed_at, removal_run, prunable_at)
		select ${said("cardId")}, ${subject}, 'removed', :now, :run, ${forgetAt} from ${admitted} where true
		on conflict do update set state = 'removed', changed_at = excluded.changed_at, removal_run = excluded.removal_run,
			prunable_at = excluded.prunable_at, brand = null, last4 = null, exp_month = null, exp_year = null
		where cards.state <> 'removed' and cards.customer_id = excluded.customer_id`,
		...forgetSecrets(
			`select c.card_id from ${admitted} cross join cards as c on c.card_id = ${said("cardId")}
			where c.state = 'removed'`,
		),
	],
});
