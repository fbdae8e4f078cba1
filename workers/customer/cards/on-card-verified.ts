import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { rememberedFor } from "./card.ts";
import { ofAnotherCustomer, said, tellVerdict, verdictRun } from "./verdict.ts";

/**
 * What billing says stands in its vault, and which others are not charged any more because of it. Forwards only: a card that
 * was removed stays so. It may be said again, with another card in `replaces`. An intent is open only where the shard was
 * put back: then the card is shown again.
 */
export const onCardVerified = consumption("CardVerified", {
	rejectWhen: ofAnotherCustomer,
	effects: [
		`update cards set state = 'verified', changed_at = ${said("verifiedAt")}, submitted_at = coalesce(submitted_at, created_at),
			brand = ${said("brand")}, last4 = ${said("last4")}, exp_month = ${said("expMonth")}, exp_year = ${said("expYear")},
			prunable_at = null, verdict_run = ${verdictRun}
		from ${admitted}
		where cards.id = ${said("cardId")} and cards.state in ('open', 'submitted')`,
		...tellVerdict("card_verified", "null"),
		`update cards set state = 'removed', reason = 'replaced', changed_at = :now, prunable_at = :now + ${rememberedFor.removed}
		where state <> 'removed' and (id, customer_id) in (
			select replaced.value, m.value->>'$.subject'
			from ${admitted} cross join json_each(m.value, '$.data.replaces') as replaced)`,
	],
});
