import { sql } from "../../../shared/sql.ts";

/** Counts end here: health never reads a whole table. */
const most = 1000;
const countOf = (status: "failed" | "expired") =>
	`(select count(*) from (select 1 from notifications where status = '${status}' limit ${most}))`;

/** For how many seconds the oldest message has waited to be sent, and how many have come to nothing. */
export const notificationHealth = sql(`
	select (select (:now - requested_at) / 1000 from notifications where status = 'pending' order by requested_at, id limit 1)
			as pendingSeconds,
		${countOf("failed")} as failed, ${countOf("expired")} as expired`);
