import { type SqlParams, type Statement, sql } from "../../../shared/sql.ts";
import { minutes } from "../../../shared/time.ts";
import type { notices } from "../tables.ts";

/** Tells somebody of something that has happened. Stored with what it tells of, in one batch, until the mail was taken. */
export type Notice = Pick<typeof notices.$inferSelect, "id" | "email" | "kind">;

/** How long whoever holds a notice has for sending it, in milliseconds. */
export const noticeLease = minutes;

/**
 * Stores a notice for `:noticeId`, and returns it to be sent after the answer. `email` and `kind` are SQL; `from` is the
 * rest of the `select`, with the condition under which there is something to tell.
 */
export const noticeInsert = ({ email, kind, from }: { email: string; kind: string; from: string }): Statement =>
	sql(`
	insert into notices (id, email, kind, created_at, next_attempt_at, attempts)
	select :noticeId, ${email}, ${kind}, :now, :now + ${noticeLease}, 0 ${from}
	returning id, email, kind`);

export type NoticeParams = SqlParams & { readonly noticeId: string; readonly now: number };
