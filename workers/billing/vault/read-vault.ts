import type { BaseCtx } from "../../../shared/context.ts";
import { prepare } from "../../../shared/sql.ts";
import { selectKeks } from "./store.ts";
import type { WithVault } from "./vault.ts";

/**
 * By which key-encryption key cards are sealed, and for each shard which others still hold one: an old key may go 30 days
 * after no shard names it. Nothing of a card.
 */
export async function readVault(ctx: BaseCtx & WithVault) {
	const { kekId: current } = ctx.vault;
	const shards = ctx.databases.shards.map(async (shard) => {
		const { results } = await prepare(ctx.databases.get(shard), selectKeks, {}).all<{ kek_id: string }>();
		const others = results.map(({ kek_id }) => kek_id).filter((kekId) => kekId !== current);
		return { shard, kekId: current, others: others.map((kekId) => ({ kekId, present: ctx.vault.has(kekId) })) };
	});
	return { shards: await Promise.all(shards) };
}
