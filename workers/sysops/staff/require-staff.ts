import { eq } from "drizzle-orm";
import { createMiddleware } from "hono/factory";
import { verifyAccessToken } from "../../../shared/http/access-token.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { db, placeholder, prepare, query } from "../../../shared/sql.ts";
import type { App } from "../context.ts";
import { staff } from "../tables.ts";

const selectRole = query(
	db
		.select({ role: staff.role })
		.from(staff)
		.where(eq(staff.email, placeholder("email"))),
);

/** A request of somebody who has a role here: 401 without a valid Access token, 403 without a role. */
export const requireStaff = createMiddleware<App>(async (c, next) => {
	c.header("cache-control", "no-store");
	const ctx = c.get("ctx");
	const { email } = await verifyAccessToken(c.req.raw, c.env, ctx.now());
	const { results } = await prepare(ctx.databases.get("00"), selectRole, { email }).all();
	if (results.length === 0) throw new Problem("not_staff");
	await next();
});
