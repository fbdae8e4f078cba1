import { WorkerEntrypoint } from "cloudflare:workers";
import type { Customers as CustomersApi } from "../../shared/identity.ts";
import { onQueue, onScheduled } from "../../shared/quantum.ts";
import { app } from "./app.ts";
import { customerCtx } from "./context.ts";
import { changeEmail } from "./profile/change-email.ts";
import { customer } from "./quantum.ts";

/** What identity calls. */
export class Customers extends WorkerEntrypoint<CustomerBindings> implements CustomersApi {
	changeEmail(input: Parameters<CustomersApi["changeEmail"]>[0]): Promise<void> {
		return changeEmail({ ctx: customerCtx(this.env, this.ctx), input });
	}
}

export default {
	fetch: app.fetch,
	queue: (batch, env, execution) => onQueue(customer, customerCtx(env, execution), batch),
	scheduled: ({ cron }, env, execution) => onScheduled(customer, customerCtx(env, execution), cron),
} satisfies ExportedHandler<CustomerBindings>;
