import type { Language } from "../../../shared/events/customer.ts";
import { sql } from "../../../shared/sql.ts";
import { hours, minutes } from "../../../shared/time.ts";

/** How long whoever has claimed a message has for sending it, in milliseconds. */
export const lease = 10 * minutes;

export interface Claimed {
	readonly id: string;
	readonly customer_id: string;
	readonly status: "pending" | "expired";
	/** Null in no row that is pending. */
	readonly recipient: string | null;
	readonly language: Language;
	readonly template: string;
	/** JSON: the values of that template. */
	readonly content: string | null;
	/** The end of the lease: as long as it stands there, the message is the claim's. */
	readonly next_attempt_at: number | null;
}

/**
 * Takes what is due of one channel. The claim is the lease, so that no two runs have the same message. What was not
 * taken in time is given up by the same statement.
 */
export const claimDue = sql(`
	update notifications set
		status = iif(expires_at <= :now, 'expired', status),
		ended_at = iif(expires_at <= :now, :now, null),
		attempts = attempts + (expires_at > :now),
		next_attempt_at = iif(expires_at <= :now, null, :now + ${lease})
	where id in (
		select id from notifications where channel = :channel and next_attempt_at <= :now order by next_attempt_at limit :limit)
	returning id, customer_id, status, recipient, language, template, content, next_attempt_at`);

/** To whom and what is forgotten. Sent is sent, whoever has it now. */
export const markSent = sql(`
	update notifications set status = 'sent', ended_at = :now, next_attempt_at = null, recipient = null, content = null,
		failure = null
	where id = :id`);

/** Again in a minute, doubling to an hour; at its end at the latest, to be given up in time. */
export const markNotTaken = sql(`
	update notifications set failure = :failure,
		next_attempt_at = min(:now + min(${minutes} << min(attempts - 1, 6), ${hours}), expires_at)
	where id = :id and next_attempt_at = :leaseEnd`);

export const markFailed = sql(`
	update notifications set status = 'failed', ended_at = :now, next_attempt_at = null, failure = :failure
	where id = :id and next_attempt_at = :leaseEnd`);

const fields = `id, customer_id, channel, language, template, status, requested_at, expires_at, attempts, next_attempt_at,
	ended_at, failure`;

/** A page of the messages in one state, the newest first. */
export const selectNotifications = sql(`
	select ${fields} from notifications
	where status = :status and (requested_at, id) < (:at, :id)
	order by requested_at desc, id desc limit :limit`);

export const selectNotification = sql(`select ${fields}, recipient, content from notifications where id = :id`);

const canBeResent = "id = :id and status in ('failed', 'expired') and content is not null";

/** Before the change, which it tells, and on the condition of it. */
export const insertResendAudit = sql(`
	insert into audit (id, at, actor, action, subject, before, after)
	select :auditId, :now, :actor, 'notification_resent', id,
		json_object('status', status, 'failure', failure, 'expiresAt', expires_at),
		json_object('status', 'pending', 'expiresAt', cast(:expiresAt as integer))
	from notifications where ${canBeResent}
	returning 1`);

export const resend = sql(`
	update notifications set status = 'pending', expires_at = :expiresAt, next_attempt_at = :now, attempts = 0, ended_at = null,
		failure = null
	where ${canBeResent}`);
