import type { Ctx } from "../../../shared/context.ts";
import { prepare, sql } from "../../../shared/sql.ts";
import { days } from "../../../shared/time.ts";

/** Longer than a ticket can be reopened, and than anything about it can be on its way. */
const keep = 90 * days;
const pageSize = 250;

const page = `select id from tickets where closed_at < :before order by closed_at limit ${pageSize}`;

/** The tickets last: until then every statement of the batch sees the same page. */
const deletions = [
	...["comments", "visits", "rejections"].map((table) => `delete from ${table} where ticket_id in (${page})`),
	`delete from tickets where id in (${page}) returning 1`,
].map(sql);

/**
 * Deletes what was closed 90 days ago with everything about it, a page in one D1 batch, within a budget of pages; the next
 * run goes on. Their history is the customer's and the reports'.
 */
export async function pruneTickets(ctx: Ctx, budget = 40): Promise<void> {
	const database = ctx.databases.get("00");
	const params = { before: ctx.now() - keep };
	for (let pages = 0; pages < budget; pages++) {
		const results = await database.batch(deletions.map((statement) => prepare(database, statement, params)));
		if ((results.at(-1)?.results.length ?? 0) < pageSize) return;
	}
}
