import { type Pruning, pruning } from "../../../shared/messaging/prune.ts";
import { sql } from "../../../shared/sql.ts";
import { days } from "../../../shared/time.ts";

/**
 * What was not sent can be sent again for 30 days: then its recipient and what it says are forgotten. That there was a
 * message is known for 90 days from its end.
 */
export const forgetting: readonly Pruning[] = [
	{
		keep: 30 * days,
		statement: sql(`
			update notifications set recipient = null, content = null
			where id in (
				select id from notifications where content is not null and ended_at < :before order by ended_at limit :limit)
			returning 1`),
	},
	pruning("notifications", "id", "ended_at", 90 * days),
];
