import { sql } from "../../../shared/sql.ts";
import { hours } from "../../../shared/time.ts";
import { noticeInsert } from "../mails/notice.ts";
import { toldAgainFor } from "../sessions/session.ts";

const recovery = "exists (select 1 from passkeys where user_id = :customerId)";

export const selectEmail = sql("select email from users where id = :customerId");

/** Who has a passkey and signs in by code may not be who registered it. */
export const holdAfterRecovery = sql(`
	update users set held_until = :now + ${24 * hours} where id = :customerId and ${recovery}`);

export const endOtherSessions = sql(`
	update sessions set expires_at = :now
	where user_id = :customerId and id <> :sessionId and expires_at > :now and ${recovery}`);

/** A change that was asked for before the recovery waits as long as everything else. */
export const postponeChange = sql(`
	update email_changes set takes_effect_at = :now + ${24 * hours}, next_attempt_at = :now + ${24 * hours}
	where user_id = :customerId and state = 'held' and ${recovery}`);

/** Also those that an earlier answer has told: it may have been lost. */
export const selectEnded = sql(`
	select id from sessions where user_id = :customerId and expires_at between :now - ${toldAgainFor} and :now`);

export const noticeOfRecovery = noticeInsert({
	email: "email",
	kind: "'recovered'",
	from: `from users where id = :customerId and ${recovery}`,
});
