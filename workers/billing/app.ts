import { Hono } from "hono";
import { notFound, onError } from "../../shared/http/problem.ts";
import { healthz, withCtx } from "../../shared/http/with-ctx.ts";
import { type App, billingCtx } from "./context.ts";

export const app = new Hono<App>().use(withCtx<App>(billingCtx)).get("/healthz", healthz).notFound(notFound).onError(onError);
