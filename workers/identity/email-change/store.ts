import { sql } from "../../../shared/sql.ts";
import { hours, minutes } from "../../../shared/time.ts";
import { noticeInsert } from "../mails/notice.ts";

export const noticeOfTaken = noticeInsert({
	email: "email",
	kind: "'email_taken'",
	from: "from users where email = :email",
});

/** The code is deleted last in the same batch: it is spent once, however often it is sent. */
const codeIsThere = "exists (select 1 from verifications where identifier = :identifier)";
const notHeld = "(held_until is null or held_until <= :now)";

/** A new change takes the place of one that is held. */
export const cancelReplaced = sql(`
	update email_changes set state = 'cancelled', next_attempt_at = null
	where user_id = :customerId and state = 'held' and ${codeIsThere}`);

export const insertHeld = sql(`
	insert into email_changes
		(id, user_id, old_email, new_email, state, created_at, takes_effect_at, next_attempt_at, attempts)
	select :id, id, email, :email, 'held', :now, :now + ${24 * hours}, :now + ${24 * hours}, 0
	from users where id = :customerId and ${notHeld} and ${codeIsThere}
	returning id`);

export const noticeOfHeld = noticeInsert({
	email: "old_email",
	kind: "'email_change_held'",
	from: "from email_changes where id = :id",
});

export const spendCode = sql("delete from verifications where identifier = :identifier");

export const cancelHeld = sql(`
	update email_changes set state = 'cancelled', next_attempt_at = null where user_id = :customerId and state = 'held'`);

/** The claim is the lease: what is not finished comes again, later each time. */
export const claimChanges = sql(`
	update email_changes set
		attempts = attempts + 1,
		next_attempt_at = :now + min(${minutes} << min(attempts, 9), ${6 * hours})
	where id in (select id from email_changes where next_attempt_at <= :now order by next_attempt_at limit :limit)
	returning id, user_id as customerId, new_email as email, state, changed_at as changedAt`);

/** Not a change that a recovery has put off since it was claimed. */
const isDue = "state = 'held' and takes_effect_at <= :now";

/** Only while it is held, and only to an address that is still free. */
export const changeAddress = sql(`
	update users set email = :email, updated_at = :now
	where id = :customerId and exists (select 1 from email_changes where id = :id and ${isDue})
		and not exists (select 1 from users where email = :email)`);

/** Directly after `changeAddress`: whether that hit anything says what becomes of the change. */
export const endHold = sql(`
	update email_changes set
		state = case when changes() = 1 then 'changed' else 'dropped' end,
		next_attempt_at = case when changes() = 1 then next_attempt_at end,
		changed_at = :now
	where id = :id and ${isDue}
	returning state`);

/** Directly after `endHold`. */
export const noticeOfEnd = noticeInsert({
	email: "old_email",
	kind: "case state when 'changed' then 'email_changed' else 'email_change_dropped' end",
	from: "from email_changes where id = :id and changes() = 1",
});

export const markDone = sql(
	"update email_changes set state = 'done', next_attempt_at = null where id = :id and state = 'changed'",
);
