import { Hono } from "hono";
import { notFound, onError } from "../../shared/http/problem.ts";
import { healthz, withCtx } from "../../shared/http/with-ctx.ts";
import { type App, analyticsCtx } from "./context.ts";
import { reportRoutes } from "./reports/routes.ts";

export const app = new Hono<App>()
	.use(withCtx<App>(analyticsCtx))
	.get("/healthz", healthz)
	.route("/api/v1/reports", reportRoutes)
	.notFound(notFound)
	.onError(onError);
