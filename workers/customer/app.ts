import { Hono } from "hono";
import { notFound, onError } from "../../shared/http/problem.ts";
import { health } from "../../shared/messaging/health.ts";
import { type App, withCtx } from "./context.ts";
import { ticketRoutes } from "./tickets/routes.ts";

export const app = new Hono<App>()
	.use(withCtx)
	.get("/healthz", async (c) => {
		const report = await health(c.get("ctx"));
		return c.json(report, report.status === "ok" ? 200 : 503, { "cache-control": "no-store" });
	})
	.route("/api/v1/tickets", ticketRoutes)
	.notFound(notFound)
	.onError(onError);
