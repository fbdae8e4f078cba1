import { Hono } from "hono/tiny";
import type { App } from "../context.ts";
import { listContracts } from "./list-contracts.ts";

/** Public: no session, and a cache may keep the answer. */
export const contractRoutes = new Hono<App>().get("/", async (c) => {
	const { contracts, etag } = await listContracts({ ctx: c.get("ctx") });
	const headers = { etag, "cache-control": "public, max-age=30" };
	if (isAmong(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
	return c.json({ contracts }, 200, headers);
});

/** RFC 9110, section 13.1.2: compared weakly, since whoever compresses the answer weakens its tag. */
function isAmong(tags: string | undefined, etag: string): boolean {
	return (tags ?? "").split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
