import { baseCtx } from "../../shared/cloudflare.ts";
import type { BaseCtx } from "../../shared/context.ts";
import { singleDatabase } from "../../shared/databases.ts";
import type { Customers } from "../../shared/identity.ts";
import { bindingMail, type Mail } from "../../shared/mail.ts";

export interface IdentityCtx extends BaseCtx {
	readonly mail: Mail;
	readonly customers: Customers;
}

export function identityCtx(
	env: IdentityBindings,
	execution: Pick<ExecutionContext, "waitUntil">,
	traceparent?: string,
): IdentityCtx {
	return {
		...baseCtx("identity", singleDatabase(env.IDENTITY_DB), execution, traceparent),
		mail: bindingMail(env.MAIL, env.MAIL_FROM),
		customers: env.CUSTOMERS as unknown as Customers, // the entrypoint that wrangler.toml names
	};
}
