import { createMiddleware } from "hono/factory";
import { Problem } from "../../../shared/http/problem.ts";
import { shardOf } from "../../../shared/ids.ts";
import type { App } from "../context.ts";
import { bookmarkOf } from "./bookmark.ts";
import { clearSession, readCookie, writeCookie } from "./cookies.ts";

/**
 * What a browser is to remember of this request: how far it has seen its shard, so that the next request sees at least
 * as much from whichever replica answers; and nothing more of a session that has ended.
 */
export const afterAnswer = createMiddleware<App>(async (c, next) => {
	await next();
	const session = c.get("session");
	if (session) {
		const shard = shardOf(session.customerId);
		const seen = bookmarkOf(c.req.raw);
		const bookmark = c.get("ctx").databases.bookmarkOf(shard);
		if (bookmark && !(seen?.shard === shard && seen.bookmark === bookmark)) writeCookie(c, "bookmark", `${shard}.${bookmark}`);
	}
	const ended = c.error instanceof Problem && c.error.code === "session_revoked";
	if (ended && (readCookie(c, "session") || readCookie(c, "refresh"))) clearSession(c);
});
