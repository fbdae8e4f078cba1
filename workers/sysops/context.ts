import { createMiddleware } from "hono/factory";
import { cloudflareCtx, singleDatabase, traceparentOf } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";

export interface App {
	Bindings: SysopsBindings;
	Variables: { ctx: Ctx };
}

export function sysopsCtx(env: SysopsBindings, execution: Pick<ExecutionContext, "waitUntil">, traceparent?: string): Ctx {
	return cloudflareCtx("sysops", env, singleDatabase(env.SYSOPS_DB), execution, traceparent);
}

/** Gives the request its ports, and the answer the id under which it stands in the logs. */
export const withCtx = createMiddleware<App>(async (c, next) => {
	const ctx = sysopsCtx(c.env, c.executionCtx, traceparentOf(c.req.raw));
	c.set("ctx", ctx);
	await next();
	c.header("x-correlation-id", ctx.correlationId);
	ctx.log.info("request", { method: c.req.method, route: c.req.routePath, status: c.res.status });
});
