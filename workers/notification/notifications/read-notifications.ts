import type { Ctx } from "../../../shared/context.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import {
	type Notification,
	type NotificationRow,
	type NotificationWithContent,
	notificationOf,
	withContentOf,
} from "./notification.ts";
import { selectNotification, selectNotifications } from "./store.ts";

/** A page of the messages in one state, the newest first. To whom and what stands in none of them. */
export async function listNotifications({
	ctx,
	input: { status, limit, cursor },
}: {
	ctx: Ctx;
	input: { status: NotificationRow["status"]; limit: number; cursor: string };
}): Promise<Page<Notification>> {
	const params = { status, ...parseCursor(cursor), limit: limit + 1 };
	const { results } = await prepare(ctx.databases.get("00"), selectNotifications, params).all<NotificationRow>();
	return pageOf(results, limit, (row) => ({ at: row.requested_at, id: row.id }), notificationOf);
}

/** One message with what is still kept of it. Throws `not_found`. */
export async function getNotification({ ctx, input }: { ctx: Ctx; input: { id: string } }): Promise<NotificationWithContent> {
	const { results } = await prepare(ctx.databases.get("00"), selectNotification, input).all<NotificationRow>();
	const [row] = results;
	if (!row) throw new Problem("not_found");
	return withContentOf(row);
}
