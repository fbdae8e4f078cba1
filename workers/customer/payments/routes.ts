import { Hono } from "hono/tiny";
import { check } from "../../../shared/http/body.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import type { App } from "../context.ts";
import { requireSession } from "../sessions/require-session.ts";
import { listUnpaid } from "./list-unpaid.ts";

export const paymentRoutes = new Hono<App>().use(requireSession).get("/", async (c) => {
	const page = check(PageQuery, c.req.query());
	const { customerId } = c.get("session");
	return c.json(await listUnpaid({ ctx: c.get("ctx"), input: { ...page, customerId } }));
});
