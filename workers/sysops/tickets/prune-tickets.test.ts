import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { fill, fillTickets } from "../../../shared/testing/backlog.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { type Expert, givenExpert, givenTicketAt } from "../../../shared/testing/desk.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateSysops } from "../../../shared/testing/staff.ts";
import { days } from "../../../shared/time.ts";
import { sysopsCtx } from "../context.ts";
import worker from "../index.ts";
import { pruneTickets } from "./prune-tickets.ts";

let mary: Expert;
beforeAll(async () => {
	await migrateSysops();
	mary = await givenExpert();
});
beforeEach(async () => {
	for (const table of ["tickets", "comments", "visits", "rejections"]) await env.SYSOPS_DB.exec(`delete from ${table}`);
});

/** With a comment and a rejection, and its visit. */
async function closedFor(age: number, status = "resolved"): Promise<string> {
	const id = await givenTicketAt(status, mary, { closed_at: Date.now() - age, opened_at: 1, submitted_at: 1 });
	const onDayOfItsOwn = `update visits set starts_at = starts_at + ${days} * (select count(*) from tickets) where ticket_id = ?`;
	await env.SYSOPS_DB.prepare(onDayOfItsOwn).bind(id).run();
	await env.SYSOPS_DB.prepare("insert into comments values (?, ?, 1, 'Thanks', null)").bind(newId("cmt", "01"), id).run();
	await env.SYSOPS_DB.prepare("insert into rejections values (?, ?, 1, 'Ill')").bind(id, newId("exp", "00")).run();
	return id;
}
const left = async () => {
	const of = async (table: string, column: string) =>
		(await rowsOf<{ id: string }>(env.SYSOPS_DB, `select ${column} as id from ${table} order by 1`)).map(({ id }) => id);
	const parts = ["comments", "visits", "rejections"].map((table) => of(table, "ticket_id"));
	return Promise.all([of("tickets", "id"), ...parts]);
};
const cron = () => worker.scheduled(createScheduledController({ cron: "17 * * * *" }), env, createExecutionContext());

it("what was closed 90 days ago goes with all that belongs to it; what is younger stays with all of its own", async () => {
	await closedFor(90 * days + 1000);
	await closedFor(120 * days, "cancelled");
	const young = [await closedFor(90 * days - 60_000), await closedFor(0, "cancelled")].sort();

	await cron();

	expect(await left()).toEqual([young, young, young, young]);
});

it("what was reopened is not closed any more, and what is in work never was", async () => {
	const open = [
		await givenTicketAt("queued", undefined, { opened_at: 1, submitted_at: 1, resolutions: 1, closings: 1, closed_at: null }),
		await givenTicketAt("in_progress", undefined, { opened_at: 1, submitted_at: 1 }),
	].sort();

	await cron();

	expect((await left())[0]).toEqual(open);
});

it("goes page by page, the oldest first, within a budget, and the next run goes on", async () => {
	const own = { status: "'resolved'", submitted_at: 1, received_at: 1, customer: "'{}'", closed_at: "i" };
	await fillTickets(env.SYSOPS_DB, newId("cus", "00"), 600, own);
	const [id, ticket_id] = ["printf('cmt_00%026d', i)", "printf('tkt_00%026d', i % 600 + 1)"];
	await fill(env.SYSOPS_DB, "comments", 1800, { id, ticket_id, commented_at: 1, text: "'Hello?'" });
	const counts = async () => (await left()).slice(0, 2).map(({ length }) => length);
	const ctx = sysopsCtx(env, createExecutionContext());

	await pruneTickets(ctx, 2);
	expect(await counts()).toEqual([100, 300]);
	expect(await rowsOf(env.SYSOPS_DB, "select min(closed_at) as oldest from tickets")).toEqual([{ oldest: 501 }]);

	await pruneTickets(ctx, 2);
	expect(await counts()).toEqual([0, 0]);
});
