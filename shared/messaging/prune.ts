import type { BaseCtx, Ctx } from "../context.ts";
import { describeError } from "../log.ts";
import { prepare, type Statement, sql } from "../sql.ts";
import { days, hours } from "../time.ts";

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

/** What every database of the messaging forgets. An inbox row counts from when its event last came (ADR 6). */
const messagingTables = [
	pruning("inbox", "source, id", "received_at", 60 * days),
	pruning("quarantine", "message_id", "received_at", 60 * days),
	pruning("dead_letters", "message_id", "received_at", 60 * days),
];

/** What the messaging forgets, and `more`. */
export const prune = (ctx: Ctx, more: readonly Pruning[] = [], budget?: number): Promise<void> =>
	pruneTables(ctx, [...messagingTables, ...more], budget);

/**
 * Deletes what is too old, a page at a time from each table of each shard, shards taking turns at being first, within a budget of D1 calls; the
 * next run goes on. Throws when a shard did not answer, after it has done what it could elsewhere.
 */
export async function pruneTables(ctx: BaseCtx, prunings: readonly Pruning[], budget = 800): Promise<void> {
	const { shards } = ctx.databases;
	const turn = Math.floor(ctx.now() / hours) % shards.length;
	let lanes = [...shards.slice(turn), ...shards.slice(0, turn)].flatMap((shard) =>
		prunings.map((pruning) => ({ shard, ...pruning })),
	);
	let left = budget;
	let failure: unknown;
	while (lanes.length > 0) {
		const next: typeof lanes = [];
		for (const lane of lanes) {
			if (left < 1) break;
			left -= 1;
			try {
				const params = { before: ctx.now() - lane.keep, limit: pageSize };
				const { results } = await prepare(ctx.databases.get(lane.shard), lane.statement, params).all();
				if (results.length === pageSize) next.push(lane);
			} catch (error) {
				ctx.log.warn("prune_failed", { shard: lane.shard, error: describeError(error) });
				failure = error;
			}
		}
		lanes = left < 1 ? [] : next;
	}
	if (failure) throw failure;
}
