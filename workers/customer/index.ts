import { onQueue, onScheduled } from "../../shared/quantum.ts";
import { app } from "./app.ts";
import { customerCtx } from "./context.ts";
import { customer } from "./quantum.ts";

export default {
	fetch: app.fetch,
	queue: (batch, env, execution) => onQueue(customer, customerCtx(env, execution), batch),
	scheduled: ({ cron }, env, execution) => onScheduled(customer, customerCtx(env, execution), cron),
} satisfies ExportedHandler<CustomerBindings>;
