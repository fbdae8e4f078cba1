import type { Ctx } from "../../../shared/context.ts";
import { type Page, pageOf, parseCursor } from "../../../shared/http/page.ts";
import { shardOf } from "../../../shared/ids.ts";
import { prepare } from "../../../shared/sql.ts";
import type { UnpaidRow } from "./payment.ts";
import type { UnpaidPeriod } from "./schemas.ts";
import { selectUnpaid, unpaidOf } from "./unpaid.ts";

/** A page of the customer's periods that are not paid, the newest first. */
export async function listUnpaid({
	ctx,
	input: { customerId, limit, cursor },
}: {
	ctx: Ctx;
	input: { customerId: string; limit: number; cursor: string };
}): Promise<Page<UnpaidPeriod>> {
	const params = { customerId, at: parseCursor(cursor).at, limit: limit + 1 };
	const { results } = await prepare(ctx.databases.get(shardOf(customerId)), selectUnpaid, params).all<UnpaidRow>();
	// a customer's periods begin at different times: the id of a position has nothing to add
	return pageOf(results, limit, (row) => ({ at: row.from_at, id: customerId }), unpaidOf);
}
