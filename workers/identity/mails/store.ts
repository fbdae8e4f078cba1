import { sql } from "../../../shared/sql.ts";
import { hours } from "../../../shared/time.ts";
import { noticeLease } from "./notice.ts";

/** The claim is the lease: what is not deleted in time comes again, later each time. */
export const claimNotices = sql(`
	update notices set
		attempts = attempts + 1,
		next_attempt_at = :now + min(${noticeLease} << min(attempts, 9), ${6 * hours})
	where id in (select id from notices where next_attempt_at <= :now order by next_attempt_at limit :limit)
	returning id, email, kind`);

export const deleteNotice = sql("delete from notices where id = :id");
