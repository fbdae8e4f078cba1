import type { CardTemplate } from "../../../shared/events/notifications.ts";
import { admitted } from "../../../shared/messaging/consumption.ts";
import { byEmail, named, notify } from "../notifications/notify.ts";

/** SQL that the two verdicts of billing share. */

export const said = (field: string) => `m.value->>'$.data.${field}'`;

/** Which message of which batch it was: of two about one card in a batch, only one has changed it. */
export const verdictRun = ":run || ' ' || (m.value->>'$.id')";

export const ofAnotherCustomer = `(select 'other_customer' from cards
	where id = ${said("cardId")} and customer_id <> m.value->>'$.subject')`;

/** After the change: an e-mail for each card that this message, in this batch, has brought to its verdict. */
export const tellVerdict = (template: CardTemplate, reason: string) =>
	notify({
		ways: byEmail,
		from: `${admitted} cross join cards as c on c.id = ${said("cardId")}`,
		where: `c.verdict_run = ${verdictRun}`,
		template: named(template),
		values: {
			cardId: "c.id",
			brand: "c.brand",
			last4: "c.last4",
			expMonth: "c.exp_month",
			expYear: "c.exp_year",
			reason,
		},
	});
