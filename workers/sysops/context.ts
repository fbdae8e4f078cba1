import { cloudflareCtx } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import { singleDatabase } from "../../shared/databases.ts";

export interface App {
	Bindings: SysopsBindings;
	Variables: { ctx: Ctx };
}

export function sysopsCtx(env: SysopsBindings, execution: Pick<ExecutionContext, "waitUntil">, traceparent?: string): Ctx {
	return cloudflareCtx("sysops", env, singleDatabase(env.SYSOPS_DB), execution, traceparent);
}
