import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { prepare } from "../../../shared/sql.ts";
import type { BillingCtx } from "../context.ts";
import { type DeliveryView, type UndeliveredRow, viewOf } from "./delivery-view.ts";
import { selectUndelivered } from "./store.ts";

/**
 * A page of what has not arrived, the oldest first, of all shards: one read of at most a page of each. Throws `invalid_field` for
 * a cursor that no page gave.
 */
export async function listUndelivered({
	ctx,
	input: { limit, cursor },
}: {
	ctx: BillingCtx;
	input: { limit: number; cursor: string };
}): Promise<Page<DeliveryView>> {
	const { at, id } = parseCursor(cursor, "oldest");
	const ofShards = ctx.databases.shards.map(async (shard) => {
		const statement = prepare(ctx.databases.get(shard), selectUndelivered, { at, id, limit: limit + 1 });
		return (await statement.all<UndeliveredRow>()).results;
	});
	const rows = (await Promise.all(ofShards)).flat().sort(byAge);
	const now = ctx.now();
	return pageOf(
		rows,
		limit,
		(row) => ({ at: row.created_at, id: row.invoice_id }),
		(row) => viewOf(row, now),
	);
}

/** As SQL sorts them. */
function byAge(one: UndeliveredRow, other: UndeliveredRow): number {
	return one.created_at - other.created_at || (one.invoice_id < other.invoice_id ? -1 : 1);
}
