import { Hono } from "hono";
import { notFound, onError } from "../../shared/http/problem.ts";
import { healthz, withCtx } from "../../shared/http/with-ctx.ts";
import { type App, sysopsCtx } from "./context.ts";
import { contractRoutes } from "./contracts/routes.ts";
import { expertRoutes, visitRoutes } from "./experts/routes.ts";
import { ticketRoutes } from "./tickets/routes.ts";

export const app = new Hono<App>()
	.use(withCtx<App>(sysopsCtx))
	.get("/healthz", healthz)
	.route("/api/v1/tickets", ticketRoutes)
	.route("/api/v1/contracts", contractRoutes)
	.route("/api/v1/experts", expertRoutes)
	.route("/api/v1/visits", visitRoutes)
	.notFound(notFound)
	.onError(onError);
