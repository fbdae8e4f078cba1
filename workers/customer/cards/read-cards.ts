import type { Ctx } from "../../../shared/context.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import { type CardRow, cardOf } from "./card.ts";
import type { Card } from "./schemas.ts";
import { selectCards } from "./store.ts";

/** A page of the cards that the customer has, the newest first; neither open intents nor what was removed. */
export async function listCards({
	ctx,
	input: { customerId, limit, cursor },
}: {
	ctx: Ctx;
	input: { customerId: string; limit: number; cursor: string };
}): Promise<Page<Card>> {
	const now = ctx.now();
	const params = { customerId, ...parseCursor(cursor), limit: limit + 1 };
	const { results } = await prepare(ctx.databases.get(shardOf(customerId)), selectCards, params).all<CardRow>();
	return pageOf(
		results,
		limit,
		(row) => ({ at: row.created_at, id: row.id }),
		(row) => cardOf(row, now),
	);
}
