import type { Context } from "hono";
import { withinLimit } from "../../../shared/http/rate-limit.ts";
import type { App } from "../context.ts";

/** Counts one for the client's address, before we know who it is. Throws `rate_limited` when that is too many. */
export function limitAddress(c: Context<App>): Promise<void> {
	return withinLimit(c.get("ctx"), c.env.SIGN_IN_LIMIT, c.req.header("cf-connecting-ip") ?? "local");
}
