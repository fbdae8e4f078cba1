import type { BaseCtx, Database } from "../../../shared/context.ts";
import { idOf, type Shard } from "../../../shared/ids.ts";
import { describeError } from "../../../shared/log.ts";
import { hours } from "../../../shared/time.ts";

/**
 * Works on each shard, shards taking turns at being first. One that does not answer keeps no other waiting; the run fails
 * in the end.
 */
export async function inTurn(ctx: BaseCtx, work: (shard: Shard, database: Database) => Promise<void>): Promise<void> {
	const { shards } = ctx.databases;
	const turn = Math.floor(ctx.now() / hours) % shards.length;
	let failure: unknown;
	for (const shard of [...shards.slice(turn), ...shards.slice(0, turn)]) {
		try {
			await work(shard, ctx.databases.get(shard));
		} catch (error) {
			ctx.log.warn("shard_failed", { shard, error: describeError(error) });
			failure = error;
		}
	}
	if (failure) throw failure;
}

/** Somewhere among the cards, elsewhere at each run: no job comes to the same rows first every time. */
export const anyCardId = (ctx: BaseCtx, shard: Shard) => idOf("crd", shard, ctx.randomBytes(16));
