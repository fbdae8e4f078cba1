import { createMiddleware } from "hono/factory";
import { withinLimit } from "../../../shared/http/rate-limit.ts";
import type { App } from "../context.ts";

/** For all that somebody may send before we know who it is: counted by the client's address. No cache keeps the answer. */
export const limitSignIn = createMiddleware<App>(async (c, next) => {
	c.header("cache-control", "no-store");
	await withinLimit(c.get("ctx"), c.env.SIGN_IN_LIMIT, c.req.header("cf-connecting-ip") ?? "local");
	await next();
});
