import { describeError } from "../../../shared/log.ts";
import type { Message } from "../../../shared/mail.ts";
import { prepare } from "../../../shared/sql.ts";
import { type IdentityCtx, identityDatabase } from "../context.ts";
import { noticeMail } from "./letters.ts";
import type { Notice } from "./notice.ts";
import { claimNotices, deleteNotice } from "./store.ts";

/** Notices of one Cron run. */
const mostNotices = 100;

/** Mails what is worthless later, such as a code: once, after the answer, whatever becomes of it. */
export function mailAfterAnswer(ctx: IdentityCtx, message: Message): void {
	ctx.waitUntil(ctx.mail.send(message).catch((error) => ctx.log.alarm("mail_failed", { error: describeError(error) })));
}

/** Sends the notices that a batch has just stored. What fails is left to the Cron Trigger. */
export function sendAfterAnswer(ctx: IdentityCtx, stored: D1Result | undefined): void {
	const notices = (stored?.results ?? []) as Notice[]; // of `noticeInsert`
	ctx.waitUntil(Promise.all(notices.map((notice) => deliver(ctx, notice))));
}

/** Sends what is due: at least once, and twice only when it dies between the mail and its note of it. */
export async function sendDueNotices(ctx: IdentityCtx): Promise<void> {
	const database = identityDatabase(ctx);
	const { results } = await prepare(database, claimNotices, { now: ctx.now(), limit: mostNotices }).all<Notice>();
	for (const notice of results) await deliver(ctx, notice);
}

async function deliver(ctx: IdentityCtx, notice: Notice): Promise<void> {
	const database = identityDatabase(ctx);
	try {
		await ctx.mail.send(noticeMail(notice));
		await prepare(database, deleteNotice, { id: notice.id }).run();
	} catch (error) {
		ctx.log.warn("notice_failed", { reason: notice.kind, error: describeError(error) });
	}
}
