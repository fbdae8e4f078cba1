import { baseCtx } from "../../shared/cloudflare.ts";
import type { BaseCtx, Database } from "../../shared/context.ts";
import { singleDatabase } from "../../shared/databases.ts";
import type { Customers } from "../../shared/identity.ts";
import { bindingMail, type Mail } from "../../shared/mail.ts";

/** What wrangler.toml says of each: variables and secrets, as they are bound. */
export type Settings = Readonly<
	Pick<IdentityBindings, "ORIGIN" | "SHARD_WEIGHTS" | "SESSION_KEYS" | "AUTH_SECRET" | "CODE_PEPPER">
>;

export interface IdentityCtx extends BaseCtx {
	readonly mail: Mail;
	readonly customers: Customers;
	readonly settings: Settings;
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
		settings: env,
	};
}

/** Everything that identity stores is in one database. */
export const identityDatabase = (ctx: BaseCtx): Database => ctx.databases.get("00");
