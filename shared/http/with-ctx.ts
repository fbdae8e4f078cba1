import type { Context, Env } from "hono";
import { createMiddleware } from "hono/factory";
import { traceparentOf } from "../cloudflare.ts";
import type { Ctx } from "../context.ts";
import { health } from "../messaging/health.ts";
import type { Statement } from "../sql.ts";

interface WithCtx {
	Variables: { ctx: Ctx };
}

/** Gives a request its ports, and the answer the id under which everything that it sets off can be found in the logs. */
export function withCtx<App extends Env & WithCtx>(
	ctxOf: (
		env: App["Bindings"],
		execution: Pick<ExecutionContext, "waitUntil">,
		traceparent: string,
		request: Request,
	) => App["Variables"]["ctx"],
) {
	return createMiddleware<App>(async (c, next) => {
		const ctx = ctxOf(c.env, c.executionCtx, traceparentOf(c.req.raw), c.req.raw);
		c.set("ctx", ctx);
		await next();
		c.header("x-correlation-id", ctx.correlationId);
		ctx.log.info("request", { method: c.req.method, route: c.req.routePath, status: c.res.status });
	});
}

/** `GET /healthz` of a Worker whose report says more of each shard: see `health`. */
export const healthzWith =
	(...more: readonly Statement[]) =>
	async (c: Context<WithCtx>): Promise<Response> => {
		const report = await health(c.get("ctx"), ...more);
		return c.json(report, report.status === "ok" ? 200 : 503, { "cache-control": "no-store" });
	};

/** `GET /healthz` of every other Worker. */
export const healthz = healthzWith();
