import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { byEmail, named, notify } from "../notifications/notify.ts";
import { isNews, periodNamed, storing, values } from "./payment.ts";

/** That a period could not be charged, by its highest version. Each time that it is news, the customer is told by e-mail. */
export const onPaymentFailed = consumption("PaymentFailed", {
	newestOf: periodNamed,
	effects: [
		...notify({ ways: byEmail, from: admitted, where: isNews, template: named("payment_failed"), values }),
		storing("failed", "failedAt"),
	],
});
