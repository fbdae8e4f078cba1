import type { Ctx } from "../context.ts";
import { destinationsOf } from "../events/topology.ts";
import { type Health, healthOf } from "../health.ts";
import type { Shard } from "../ids.ts";
import { prepare, sql } from "../sql.ts";

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
}

/** A destination that is silent is no failure of this Worker. */
export const health = (ctx: Ctx): Promise<Health<ShardHealth>> => healthOf(ctx, ctx.worker, (shard) => shardHealth(ctx, shard));

async function shardHealth(ctx: Ctx, shard: Shard): Promise<ShardHealth> {
	const destinations = JSON.stringify(destinationsOf(ctx.topology, ctx.worker));
	try {
		const statement = prepare(ctx.databases.get(shard), readShard, { most: mostCounted, destinations });
		const [row] = (await statement.all<{ oldest: number | null; parked: number; quarantined: number; dead: number }>()).results;
		const { oldest = null, ...counts } = row ?? {};
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
