import { cloudflareCtx } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import { singleDatabase } from "../../shared/databases.ts";

export interface App {
	Bindings: AnalyticsBindings;
	Variables: { ctx: Ctx };
}

export function analyticsCtx(env: AnalyticsBindings, execution: Pick<ExecutionContext, "waitUntil">, traceparent?: string): Ctx {
	return cloudflareCtx("analytics", env, singleDatabase(env.ANALYTICS_DB), execution, traceparent);
}
