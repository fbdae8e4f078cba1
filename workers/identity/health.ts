import { type Health, healthOf } from "../../shared/health.ts";
import type { Shard } from "../../shared/ids.ts";
import { prepare, sql } from "../../shared/sql.ts";
import type { IdentityCtx } from "./context.ts";

const readOne = sql("select 1 from users limit 1");

interface ShardHealth {
	readonly shard: Shard;
	readonly reachable: boolean;
}

export const health = (ctx: IdentityCtx): Promise<Health<ShardHealth>> =>
	healthOf(ctx, "identity", async (shard) => ({ shard, reachable: await answers(ctx, shard) }));

async function answers(ctx: IdentityCtx, shard: Shard): Promise<boolean> {
	try {
		await prepare(ctx.databases.get(shard), readOne, {}).all();
		return true;
	} catch {
		return false;
	}
}
