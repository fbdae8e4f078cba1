import { createMiddleware } from "hono/factory";
import { cloudflareCtx, shardedDatabases, traceparentOf } from "../../shared/cloudflare.ts";
import type { Ctx } from "../../shared/context.ts";
import { Problem } from "../../shared/http/problem.ts";
import { shardOf } from "../../shared/ids.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { bearerToken, type Session, verifySession } from "./sessions/session.ts";

export interface App {
	Bindings: CustomerBindings;
	Variables: { ctx: Ctx; session: Session };
}

export function customerCtx(env: CustomerBindings, execution: Pick<ExecutionContext, "waitUntil">, traceparent?: string): Ctx {
	return cloudflareCtx("customer", env, shardedDatabases(env, "CUSTOMER_DB"), execution, traceparent);
}

/** Gives the request its ports, and the answer the id under which everything that it sets off can be found. */
export const withCtx = createMiddleware<App>(async (c, next) => {
	const ctx = customerCtx(c.env, c.executionCtx, traceparentOf(c.req.raw));
	c.set("ctx", ctx);
	await next();
	c.header("x-correlation-id", ctx.correlationId);
	ctx.log.info("request", { method: c.req.method, route: c.req.routePath, status: c.res.status });
});

/** A request with a valid session of a shard that we have, or 401. */
export const requireSession = createMiddleware<App>(async (c, next) => {
	c.header("cache-control", "no-store");
	const ctx = c.get("ctx");
	const session = await verifySession(bearerToken(c.req.raw), c.env.SESSION_KEYS, ctx.now());
	if (!ctx.databases.locate(session.customerId)) throw new Problem("unauthenticated");
	c.set("session", session);
	await next();
	relayWhenOverdue(ctx, session.customerId);
});

const minutes = 60_000;
let lastLook = 0;

/** Should Cron be silent, requests relay: at most once a minute in an isolate, only what Cron would have sent long ago. */
function relayWhenOverdue(ctx: Ctx, customerId: string): void {
	if (ctx.now() - lastLook < minutes) return;
	lastLook = ctx.now();
	const overdue = { shards: [shardOf(customerId)], dueBefore: ctx.now() - 2 * minutes, budget: { queries: 5, messages: 50 } };
	ctx.waitUntil(relay(ctx, overdue));
}
