import { Hono } from "hono";
import { notFound, onError } from "../../shared/http/problem.ts";
import { healthzWith, withCtx } from "../../shared/http/with-ctx.ts";
import { type App, notificationCtx } from "./context.ts";
import { notificationHealth } from "./notifications/health.ts";
import { notificationRoutes } from "./notifications/routes.ts";

export const app = new Hono<App>()
	.use(withCtx<App>(notificationCtx))
	.get("/healthz", healthzWith(notificationHealth))
	.route("/api/v1/notifications", notificationRoutes)
	.notFound(notFound)
	.onError(onError);
