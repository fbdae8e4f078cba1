import type { Ctx } from "../context.ts";
import { destinationsOf } from "../events/topology.ts";
import type { Shard } from "../ids.ts";
import { prepare, type Statement, sql } from "../sql.ts";
import { minutes } from "../time.ts";
import { relayCron } from "./schedule.ts";

/** Counts end here: health never reads a whole table. */
const mostCounted = 1000;
/** Milliseconds without a run of the relay until the Worker counts as failing. */
const longestCronSilence = 15 * minutes;

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

const readCronRuns = sql("select cron, ran_at from cron_runs");

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
}

export interface Health {
	readonly status: "ok" | "failing";
	readonly worker: string;
	readonly shards: readonly ShardHealth[];
	/** When each Cron Trigger last ran to its end, as an ISO 8601 instant. */
	readonly crons: Readonly<Record<string, string>>;
}

/**
 * Failing: a database does not answer, or the relay's Cron Trigger has been silent. A silent destination is not.
 * `more` gives one row with `:now`, whose columns join the report of each shard.
 */
export async function health(ctx: Ctx, more?: Statement): Promise<Health> {
	const shards = await Promise.all(ctx.databases.shards.map((shard) => shardHealth(ctx, shard, more)));
	const crons = await cronRuns(ctx);
	const relayed = crons.get(relayCron) ?? 0;
	const ok = shards.every(({ reachable }) => reachable) && relayed >= ctx.now() - longestCronSilence;
	return {
		status: ok ? "ok" : "failing",
		worker: ctx.worker,
		shards,
		crons: Object.fromEntries([...crons].map(([cron, ranAt]) => [cron, new Date(ranAt).toISOString()])),
	};
}

async function shardHealth(ctx: Ctx, shard: Shard, more?: Statement): Promise<ShardHealth> {
	const destinations = JSON.stringify(destinationsOf(ctx.topology, ctx.worker));
	const params = { most: mostCounted, destinations, now: ctx.now() };
	try {
		const database = ctx.databases.get(shard);
		const statements = [readShard, ...(more ? [more] : [])].map((statement) => prepare(database, statement, params));
		const [own, others] = await database.batch<{ oldest: number | null }>(statements);
		const { oldest = null, ...counts } = { ...own?.results[0], ...others?.results[0] };
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

async function cronRuns(ctx: Ctx): Promise<Map<string, number>> {
	const [shard = "00"] = ctx.databases.shards;
	try {
		const { results } = await prepare(ctx.databases.get(shard), readCronRuns, {}).all<{ cron: string; ran_at: number }>();
		return new Map(results.map(({ cron, ran_at }) => [cron, ran_at]));
	} catch {
		return new Map();
	}
}
