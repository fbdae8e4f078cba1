import { createMiddleware } from "hono/factory";
import type { BaseCtx } from "../context.ts";
import { type AccessConfig, verifyAccessToken } from "../http/access-token.ts";
import { Problem } from "../http/problem.ts";
import { prepare, sql } from "../sql.ts";
import type { staff } from "./tables.ts";

export type Role = typeof staff.$inferSelect.role;

/** Who of the staff does something: what an audit row says. */
export interface Actor {
	/** Lower case. */
	readonly email: string;
	readonly role: Role;
}

interface WithActor {
	Bindings: AccessConfig;
	Variables: { ctx: BaseCtx; actor: Actor };
}

const selectRole = sql("select role from staff where email = :email");

/**
 * A request of somebody who has a role in this quantum, one of `roles` if any are named: 401 without a valid Access
 * token, 403 without such a role. Roles stand in the first database. Sets `actor`.
 */
export const requireStaff = (...roles: readonly Role[]) =>
	createMiddleware<WithActor>(async (c, next) => {
		c.header("cache-control", "no-store");
		const ctx = c.get("ctx");
		const { email } = await verifyAccessToken(c.req.raw, c.env, ctx.now());
		const [shard = "00"] = ctx.databases.shards;
		const { results } = await prepare(ctx.databases.get(shard), selectRole, { email }).all<{ role: Role }>();
		const [found] = results;
		if (!found) throw new Problem("not_staff");
		if (roles.length > 0 && !roles.includes(found.role)) throw new Problem("not_permitted");
		c.set("actor", { email, role: found.role });
		await next();
	});
