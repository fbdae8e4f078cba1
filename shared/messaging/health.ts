import type { Ctx } from "../context.ts";
import { destinationsOf } from "../events/topology.ts";
import { type Health, healthOf } from "../health.ts";
import type { Shard } from "../ids.ts";
import { prepare, type Statement, sql } from "../sql.ts";

/** Counts end here: health never reads a whole table. */
const mostCounted = 1000;

const readShard = sql(`
	select
		coalesce(
			(select created_at from (select created_at, next_attempt_at from outbox order by event_id limit :most)
				where next_attempt_at is not null limit 1),
			(select created_at from outbox order by event_id limit 1 offset :most - 1)) as oldest,
		(select count(*) from (select 1 from outbox where next_attempt_at is null and destination in (
			select value from json_each(:destinations)) limit :most)) as parked,
		(select count(*) from (select 1 from quarantine limit :most)) as quarantined,
		(select count(*) from (select 1 from dead_letters limit :most)) as dead`);

interface ShardHealth {
	readonly shard: Shard;
	readonly reachable: boolean;
	/** Seconds since the oldest event was written that nobody has confirmed, parked ones aside; null when there is none. */
	readonly oldestOutboxSeconds?: number | null;
	readonly parked?: number;
	readonly quarantined?: number;
	readonly dead?: number;
	/** Where the contract catalogue is replicated: see `replicaAge`. */
	readonly replicaSeconds?: number | null;
	/** Where customers are written to: see `notificationHealth`. */
	readonly pendingSeconds?: number | null;
	readonly failed?: number;
	readonly expired?: number;
	/** Where invoices are issued: see `deliveryHealth`. */
	readonly undelivered?: number;
	readonly undeliveredSeconds?: number | null;
	readonly rejectedDeliveries?: number;
}

type ShardReport = { readonly oldest?: number | null } & Omit<ShardHealth, "shard" | "reachable" | "oldestOutboxSeconds">;

/**
 * A destination that is silent is no failure of this Worker. Each of `more` gives one row with `:now` and `:most`, where
 * counts end, whose columns join the report of each shard.
 */
export const health = (ctx: Ctx, ...more: readonly Statement[]): Promise<Health<ShardHealth>> =>
	healthOf(ctx, ctx.worker, (shard) => shardHealth(ctx, shard, more));

async function shardHealth(ctx: Ctx, shard: Shard, more: readonly Statement[]): Promise<ShardHealth> {
	const destinations = JSON.stringify(destinationsOf(ctx.topology, ctx.worker));
	const params = { most: mostCounted, destinations, now: ctx.now() };
	try {
		const database = ctx.databases.get(shard);
		const statements = [readShard, ...more].map((statement) => prepare(database, statement, params));
		const reports = await database.batch<{ oldest?: number | null }>(statements);
		const { oldest = null, ...counts } = Object.assign({}, ...reports.map(({ results }) => results[0])) as ShardReport;
		return {
			shard,
			reachable: true,
			oldestOutboxSeconds: oldest === null ? null : Math.round((ctx.now() - oldest) / 1000),
			...counts,
		};
	} catch {
		return { shard, reachable: false };
	}
}
