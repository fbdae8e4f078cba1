import type { Ctx } from "../../../shared/context.ts";
import { pageOf, parseCursor } from "../../../shared/http/page.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { prepare } from "../../../shared/sql.ts";
import { type AttemptRow, attemptView, type PeriodRow, periodView } from "./period-view.ts";
import { selectAttempts, selectOfCustomer, selectParked } from "./staff-store.ts";

/** Two years of a monthly plan. */
const mostPeriods = 24;

/** A page of the periods that are parked, of all shards, the oldest first. */
export async function listParked({ ctx, input }: { ctx: Ctx; input: { limit: number; cursor: string } }) {
	const { limit, cursor } = input;
	const params = { ...parseCursor(cursor, "oldest"), limit: limit + 1 };
	const shards = ctx.databases.shards.map((shard) => prepare(ctx.databases.get(shard), selectParked, params).all<PeriodRow>());
	const rows = (await Promise.all(shards)).flatMap(({ results }) => results);
	rows.sort((a, b) => a.from_at - b.from_at || (a.customer_id < b.customer_id ? -1 : 1)); // as each shard has them
	return pageOf(rows, limit, ({ from_at: at, customer_id: id }) => ({ at, id }), periodView);
}

/** A customer's newest periods with what was tried for each, the newest first. Throws `not_found` for somebody without any. */
export async function periodsOfCustomer({ ctx, input }: { ctx: Ctx; input: { customerId: string } }) {
	const shard = ctx.databases.locate(input.customerId);
	if (shard === undefined) throw new Problem("not_found");
	const database = ctx.databases.get(shard);
	const params = { ...input, limit: mostPeriods };
	const [periods, attempts] = await database.batch([
		prepare(database, selectOfCustomer, params),
		prepare(database, selectAttempts, params),
	]);
	const rows = (periods?.results ?? []) as PeriodRow[]; // of `selectOfCustomer`
	if (rows.length === 0) throw new Problem("not_found");
	const tried = Map.groupBy((attempts?.results ?? []) as AttemptRow[], ({ from_at }) => from_at); // of `selectAttempts`
	const items = rows.map((row) => ({ ...periodView(row), attempts: (tried.get(row.from_at) ?? []).map(attemptView) }));
	return { items };
}
