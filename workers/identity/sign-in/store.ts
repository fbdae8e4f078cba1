import { sql } from "../../../shared/sql.ts";
import { hours } from "../../../shared/time.ts";
import { noticeInsert } from "../mails/notice.ts";

const recovery = "exists (select 1 from passkeys where user_id = :customerId)";

export const selectEmail = sql("select email from users where id = :customerId");

/** Who has a passkey and signs in by code may not be who registered it. */
export const holdAfterRecovery = sql(`
	update users set held_until = :now + ${24 * hours} where id = :customerId and ${recovery}`);

export const endOtherSessions = sql(`
	delete from sessions where user_id = :customerId and id <> :sessionId and ${recovery} returning id`);

export const noticeOfRecovery = noticeInsert({
	email: "email",
	kind: "'recovered'",
	from: `from users where id = :customerId and ${recovery}`,
});
