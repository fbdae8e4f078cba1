import type { BaseCtx } from "./context.ts";
import type { Shard } from "./ids.ts";
import { prepare, sql } from "./sql.ts";
import { minutes } from "./time.ts";

/** The Cron Trigger that every Worker has. */
const watchedCron = "* * * * *";
/** Milliseconds without a run of it until the Worker counts as failing. */
const longestCronSilence = 15 * minutes;

const readCronRuns = sql("select cron, ran_at from cron_runs");

export interface Health<ShardHealth extends { readonly reachable: boolean }> {
	readonly status: "ok" | "failing";
	readonly worker: string;
	readonly shards: readonly ShardHealth[];
	/** When each Cron Trigger last ran to its end, as an ISO 8601 instant. */
	readonly crons: Readonly<Record<string, string>>;
}

/** Failing: a database does not answer, or the Cron Trigger of every minute has been silent. */
export async function healthOf<ShardHealth extends { readonly reachable: boolean }>(
	ctx: BaseCtx,
	worker: string,
	shardHealth: (shard: Shard) => Promise<ShardHealth>,
): Promise<Health<ShardHealth>> {
	const shards = await Promise.all(ctx.databases.shards.map(shardHealth));
	const crons = await cronRuns(ctx);
	const ranAt = crons.get(watchedCron) ?? 0;
	const ok = shards.every(({ reachable }) => reachable) && ranAt >= ctx.now() - longestCronSilence;
	return {
		status: ok ? "ok" : "failing",
		worker,
		shards,
		crons: Object.fromEntries([...crons].map(([cron, ranAt]) => [cron, new Date(ranAt).toISOString()])),
	};
}

/** In the first shard's database. */
async function cronRuns(ctx: BaseCtx): Promise<Map<string, number>> {
	const [shard = "00"] = ctx.databases.shards;
	try {
		const { results } = await prepare(ctx.databases.get(shard), readCronRuns, {}).all<{ cron: string; ran_at: number }>();
		return new Map(results.map(({ cron, ran_at }) => [cron, ran_at]));
	} catch {
		return new Map();
	}
}
