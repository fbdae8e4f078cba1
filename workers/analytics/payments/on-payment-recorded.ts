import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { addTo, keepFacts, monthOf } from "../facts.ts";

/** What this run has stored, whatever its messages say twice: only that is added. */
const stored = "payment_id in (select m.value->>'$.data.paymentId' from json_each(:messages) as m) and run = :run";

/** An attempt to charge or a refund ends once: that is one fact, and counts exactly when it is stored. */
export const onPaymentRecorded = consumption("PaymentRecorded", {
	rejectWhen: `iif(${monthOf("m.value->>'$.data.recordedAt'")} is null, 'no_such_time', null)`,
	effects: [
		`insert into payments (payment_id, run, outcome, amount_minor, currency, period_from, recorded_at)
		select m.value->>'$.data.paymentId', :run, m.value->>'$.data.outcome', m.value->>'$.data.amountMinor',
			m.value->>'$.data.currency', m.value->>'$.data.period.from', m.value->>'$.data.recordedAt'
		from ${admitted} where m.value->>'$.data.recordedAt' >= :now - ${keepFacts}
		on conflict do nothing`,
		addTo(
			"takings",
			["payments", "amount_minor"],
			`select ${monthOf("recorded_at")} as month, currency, outcome, 1 as payments, amount_minor from payments where ${stored}`,
		),
	],
});
