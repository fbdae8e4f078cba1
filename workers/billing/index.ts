import { onQueue, onScheduled } from "../../shared/quantum.ts";
import { app } from "./app.ts";
import { billingCtx } from "./context.ts";
import { billing } from "./quantum.ts";

export { InvoiceDelivery } from "./delivery/invoice-delivery.ts";

export default {
	fetch: app.fetch,
	queue: (batch, env, execution) => onQueue(billing, billingCtx(env, execution), batch),
	scheduled: ({ cron }, env, execution) => onScheduled(billing, billingCtx(env, execution), cron),
} satisfies ExportedHandler<BillingBindings>;
