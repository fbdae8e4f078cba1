import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { prepare } from "../../../shared/sql.ts";
import type { BillingCtx } from "../context.ts";
import { type RefundRow, type RefundView, refundView } from "./refund.ts";
import { selectFailed } from "./store.ts";

/** A page of the refunds that the provider has refused, of all shards, those that were asked for first first. */
export async function listFailedRefunds({
	ctx,
	input: { limit, cursor },
}: {
	ctx: BillingCtx;
	input: { limit: number; cursor: string };
}): Promise<Page<RefundView>> {
	const params = { ...parseCursor(cursor, "oldest"), limit: limit + 1 };
	const pages = await Promise.all(
		ctx.databases.shards.map((shard) => prepare(ctx.databases.get(shard), selectFailed, params).all<RefundRow>()),
	);
	const rows = pages
		.flatMap(({ results }) => results)
		.sort((a, b) => a.requested_at - b.requested_at || (a.refund_id < b.refund_id ? -1 : 1))
		.slice(0, limit + 1);
	return pageOf(rows, limit, (row) => ({ at: row.requested_at, id: row.refund_id }), refundView);
}
