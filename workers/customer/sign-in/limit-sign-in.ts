import { createMiddleware } from "hono/factory";
import type { App } from "../context.ts";
import { limitAddress } from "../sessions/limit-address.ts";

/** For all that somebody may send before we know who it is: counted by the client's address. No cache keeps the answer. */
export const limitSignIn = createMiddleware<App>(async (c, next) => {
	c.header("cache-control", "no-store");
	await limitAddress(c);
	await next();
});
