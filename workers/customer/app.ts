import { Hono } from "hono";
import { refuseCrossSite } from "../../shared/http/cross-site.ts";
import { notFound, onError } from "../../shared/http/problem.ts";
import { healthz, withCtx } from "../../shared/http/with-ctx.ts";
import { accountRoutes } from "./account/routes.ts";
import { type App, requestCtx } from "./context.ts";
import { afterAnswer } from "./sessions/after-answer.ts";
import { limitSignIn } from "./sign-in/limit-sign-in.ts";
import { signInRoutes } from "./sign-in/routes.ts";
import { ticketRoutes } from "./tickets/routes.ts";

export const app = new Hono<App>()
	.use(withCtx<App>(requestCtx))
	.get("/healthz", healthz)
	.use(refuseCrossSite)
	.use(afterAnswer)
	.use("/api/auth/*", limitSignIn)
	.route("/api/auth", signInRoutes)
	.route("/api/auth", accountRoutes)
	.route("/api/v1/tickets", ticketRoutes)
	.notFound(notFound)
	.onError(onError);
