import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { idOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { Actor } from "../../../shared/staff/require-staff.ts";
import { days } from "../../../shared/time.ts";
import { type NotificationRow, type NotificationWithContent, withContentOf } from "./notification.ts";
import { insertResendAudit, resend, selectNotification } from "./store.ts";

export interface ResendNotification {
	readonly actor: Actor;
	readonly id: string;
}

/** How long a message that is sent again may take. */
const expiresAfter = 3 * days;

/**
 * Has a message that failed or expired tried again, from the next minute on. One that waits already stays as it is, so
 * that asking twice does no harm. Throws `not_found`, and `not_resendable` for what was sent or is no longer kept.
 */
export async function resendNotification({
	ctx,
	input,
}: {
	ctx: Ctx;
	input: ResendNotification;
}): Promise<NotificationWithContent> {
	const { actor, id } = input;
	const now = ctx.now();
	const auditId = idOf("aud", "00", ctx.randomBytes(16));
	const params = { id, now, expiresAt: now + expiresAfter, actor: actor.email, auditId };
	const database = ctx.databases.get("00");
	const statements = [insertResendAudit, resend, selectNotification].map((statement) => prepare(database, statement, params));
	const [audited, , rows] = await database.batch(statements);
	const row = rows?.results[0] as NotificationRow | undefined; // of `selectNotification`
	if (!row) throw new Problem("not_found");
	if (row.status !== "pending") throw new Problem("not_resendable");
	if (audited?.results.length === 1) ctx.log.info("notification_resent", { notificationId: id });
	return withContentOf(row);
}
