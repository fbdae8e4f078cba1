import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { rememberedFor } from "./card.ts";
import { ofAnotherCustomer, said, tellVerdict, verdictRun } from "./verdict.ts";

/** That a card cannot be charged, and why. Forwards only: a verdict that was given stands. */
export const onCardRejected = consumption("CardRejected", {
	rejectWhen: ofAnotherCustomer,
	effects: [
		`update cards set state = 'rejected', reason = ${said("reason")}, changed_at = ${said("rejectedAt")},
			prunable_at = :now + ${rememberedFor.rejected}, verdict_run = ${verdictRun}
		from ${admitted}
		where cards.id = ${said("cardId")} and cards.state = 'submitted'`,
		...tellVerdict("card_rejected", "c.reason"),
	],
});
