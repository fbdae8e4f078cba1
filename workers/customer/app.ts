import { Hono } from "hono";
import { replicaAge } from "../../shared/contracts/replicate.ts";
import { securityHeaders } from "../../shared/http/security-headers.ts";
import { healthzWith, withCtx } from "../../shared/http/with-ctx.ts";
import { type App, customerCtx } from "./context.ts";
import { contractRoutes } from "./contracts/routes.ts";
import { notFound, onError } from "./errors.tsx";
import { pages } from "./pages.tsx";
import { planRoutes } from "./plans/routes.ts";
import { profileRoutes } from "./profile/routes.ts";
import { ticketRoutes } from "./tickets/routes.ts";

export const app = new Hono<App>()
	.use(withCtx<App>(customerCtx))
	.use(securityHeaders)
	.get("/healthz", healthzWith(replicaAge))
	.route("/api/v1/contracts", contractRoutes)
	.route("/api/v1/profile", profileRoutes)
	.route("/api/v1/plan", planRoutes)
	.route("/api/v1/tickets", ticketRoutes)
	.route("/", pages)
	.notFound(notFound)
	.onError(onError);
