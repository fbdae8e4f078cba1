import { Hono } from "hono";
import { securityHeaders } from "../../shared/http/security-headers.ts";
import { healthz, withCtx } from "../../shared/http/with-ctx.ts";
import { type App, customerCtx } from "./context.ts";
import { notFound, onError } from "./errors.tsx";
import { pages } from "./pages.tsx";
import { ticketRoutes } from "./tickets/routes.ts";

export const app = new Hono<App>()
	.use(withCtx<App>(customerCtx))
	.use(securityHeaders)
	.get("/healthz", healthz)
	.route("/api/v1/tickets", ticketRoutes)
	.route("/", pages)
	.notFound(notFound)
	.onError(onError);
