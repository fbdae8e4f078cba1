import { csrf } from "hono/csrf";
import { createMiddleware } from "hono/factory";
import { Problem } from "./problem.ts";

/** Methods that change nothing (RFC 9110, section 9.2.1). */
export const isSafe = (method: string) => method === "GET" || method === "HEAD" || method === "OPTIONS";

const formOfOwnSite = csrf();

/**
 * Row 20: a change that another site's page sends is refused with `cross_site`, of whatever type its body is, and so is
 * a form with cookies that does not say where it comes from. Clients that are no browsers say nothing and bring no
 * cookies that somebody else could make use of.
 */
export const refuseCrossSite = createMiddleware(async (c, next) => {
	if (!isSafe(c.req.method)) {
		const site = c.req.header("sec-fetch-site") ?? "none";
		const origin = c.req.header("origin");
		// a page that hides its referrer sends `null`: then Sec-Fetch-Site tells
		const own = origin === undefined || origin === new URL(c.req.url).origin || (origin === "null" && site === "same-origin");
		if (!own || (site !== "same-origin" && site !== "none")) throw new Problem("cross_site");
		// a form can send no other change (HTML, "form submission"), and a script of another site would be asked by its browser
		// for leave first, which nobody here gives
		if (c.req.method === "POST" && c.req.header("cookie")) {
			await formOfOwnSite(c, async () => {}).catch(() => {
				throw new Problem("cross_site");
			});
		}
	}
	await next();
});
