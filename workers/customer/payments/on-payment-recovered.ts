import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { byEmail, named, notify } from "../notifications/notify.ts";
import { olderKnown, periodNamed, storing, values } from "./payment.ts";

/**
 * That a period is paid after all. Told only when its failure was: somebody who has never heard of one would wonder, and
 * the invoice says all the same that it is paid. Stored in any case, so that the failure, when it comes late, is no news.
 */
export const onPaymentRecovered = consumption("PaymentRecovered", {
	newestOf: periodNamed,
	effects: [
		...notify({
			ways: byEmail,
			from: admitted,
			where: `${olderKnown} = 'failed'`,
			template: named("payment_recovered"),
			values,
		}),
		storing("recovered", "recoveredAt"),
	],
});
