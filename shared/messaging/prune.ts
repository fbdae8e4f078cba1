import type { Ctx } from "../context.ts";
import { describeError } from "../log.ts";
import { prepare, type Statement, sql } from "../sql.ts";
import { days } from "../time.ts";

const pageSize = 1000;

/** Deletes rows that are older than `keep` milliseconds, `:limit` at a time. */
export interface Pruning {
	readonly keep: number;
	readonly statement: Statement;
}

/** Such a deletion for a table with an index on `time`; `key` is its primary key. */
export function pruning(table: string, key: string, time: string, keep: number): Pruning {
	const page = `select ${key} from ${table} where ${time} < :before order by ${time} limit :limit`;
	return { keep, statement: sql(`delete from ${table} where (${key}) in (${page}) returning 1`) };
}

/** What every database of the messaging forgets: no event is sent that an inbox row could still have to recognise. */
const messagingTables = [
	pruning("inbox", "source, id", "received_at", 60 * days),
	pruning("quarantine", "message_id", "received_at", 60 * days),
	pruning("dead_letters", "message_id", "received_at", 60 * days),
];

/** Pages through what is too old, in every shard, within a budget of D1 calls. The next run goes on. */
export async function prune(ctx: Ctx, more: readonly Pruning[] = [], budget = 200): Promise<void> {
	let left = budget;
	for (const shard of ctx.databases.shards) {
		for (const { keep, statement } of [...messagingTables, ...more]) {
			const params = { before: ctx.now() - keep, limit: pageSize };
			let deleted = pageSize;
			while (deleted === pageSize && left > 0) {
				left -= 1;
				try {
					deleted = (await prepare(ctx.databases.get(shard), statement, params).all()).results.length;
				} catch (error) {
					ctx.log.warn("prune_failed", { shard, error: describeError(error) });
					break;
				}
			}
		}
	}
}
