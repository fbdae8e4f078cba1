import { Hono } from "hono";
import { notFound, onError } from "../../shared/http/problem.ts";
import { healthz, withCtx } from "../../shared/http/with-ctx.ts";
import { type App, notificationCtx } from "./context.ts";

export const app = new Hono<App>()
	.use(withCtx<App>(notificationCtx))
	.get("/healthz", healthz)
	.notFound(notFound)
	.onError(onError);
