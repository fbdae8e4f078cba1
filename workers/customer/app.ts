import { createMiddleware } from "hono/factory";
import { Hono } from "hono/tiny";
import { replicaAge } from "../../shared/contracts/replicate.ts";
import { refuseCrossSite } from "../../shared/http/cross-site.ts";
import { Problem } from "../../shared/http/problem.ts";
import { securityHeaders } from "../../shared/http/security-headers.ts";
import { healthzWith, withCtx } from "../../shared/http/with-ctx.ts";
import { accountRoutes } from "./account/routes.ts";
import { cardRoutes } from "./cards/routes.ts";
import { type App, requestCtx } from "./context.ts";
import { contractRoutes } from "./contracts/routes.ts";
import { notFound, onError } from "./errors.tsx";
import { invoiceRoutes } from "./invoices/routes.ts";
import { pages } from "./pages.tsx";
import { paymentRoutes } from "./payments/routes.ts";
import { planRoutes } from "./plans/routes.ts";
import { profileRoutes } from "./profile/routes.ts";
import { reportRoutes } from "./reports/routes.ts";
import { afterAnswer } from "./sessions/after-answer.ts";
import { limitSignIn } from "./sign-in/limit-sign-in.ts";
import { signInRoutes } from "./sign-in/routes.ts";
import { surveyRoutes } from "./surveys/routes.ts";
import { ticketRoutes } from "./tickets/routes.ts";

/** The router takes `/plan/` for `/plan`. Here it is another path, at which nothing is. */
const strictPaths = createMiddleware(async (c, next) => {
	if (c.req.path !== "/" && c.req.path.endsWith("/")) throw new Problem("not_found");
	await next();
});

export const app = new Hono<App>()
	.use(withCtx<App>(requestCtx))
	.use(securityHeaders)
	.use(strictPaths)
	.get("/healthz", healthzWith(replicaAge))
	.use(refuseCrossSite)
	.use(afterAnswer)
	.use("/api/auth/*", limitSignIn)
	.route("/api/auth", signInRoutes)
	.route("/api/auth", accountRoutes)
	.route("/api/v1/contracts", contractRoutes)
	.route("/api/v1/profile", profileRoutes)
	.route("/api/v1/plan", planRoutes)
	.route("/api/v1/cards", cardRoutes)
	.route("/api/v1/invoices", invoiceRoutes)
	.route("/api/v1/payments", paymentRoutes)
	.route("/api/v1/tickets", ticketRoutes)
	.route("/api/v1/surveys", surveyRoutes)
	.route("/api/reports", reportRoutes)
	.route("/", pages)
	.notFound(notFound)
	.onError(onError);
