import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Ctx } from "../../../shared/context.ts";
import { singleDatabase } from "../../../shared/databases.ts";
import { topology } from "../../../shared/events/topology.ts";
import { rowsOf, throughWire } from "../../../shared/testing/database.ts";
import { givenExpert, givenManyWaiting, givenWaiting, ticketsNow, unsound, visitsNow } from "../../../shared/testing/experts.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { createQuanta, type Quanta } from "../../../shared/testing/quanta.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { assignTickets } from "./assign-tickets.ts";

/** A Monday, 6 o'clock: today has six windows. */
const morning = Date.UTC(2026, 10, 2, 6);
let quanta: Quanta;

beforeEach(async () => {
	await reset();
	await migrateDatabases();
	quanta = createQuanta(topology);
	quanta.now = morning;
});

const run = (ctx = quanta.ctx("sysops")) => assignTickets(ctx);

/** A run in which something happens before, or after, its `call`-th call of the database. */
function disturbed(call: number, what: { before?: () => Promise<unknown>; after?: () => Promise<unknown> }): Ctx {
	let calls = 0;
	const database = throughWire(env.SYSOPS_DB, async (_, work) => {
		calls += 1;
		if (calls === call) await what.before?.();
		const results = await work();
		if (calls === call) await what.after?.();
		return results;
	});
	return { ...quanta.ctx("sysops"), databases: singleDatabase(database) };
}
const killed = () => Promise.reject(new Error("killed"));

async function numberOfCalls(): Promise<number> {
	const before = quanta.databases.sysops.calls;
	await run();
	return quanta.databases.sysops.calls - before;
}

/** So many tickets in the milliseconds before now, and four experts with room for 90 of them each. */
async function givenBacklog(count: number): Promise<void> {
	for (let i = 0; i < 4; i++) await givenExpert({ capacity: 6 });
	await givenManyWaiting(count, morning);
}
const assigned = async () => (await ticketsNow()).filter(({ status }) => status === "assigned").length;

/** Long enough for three pages, and for a day that two pages share. */
const backlog = 230;
/** gives back, reads tickets, experts and visits, writes three pages; notes no reason. */
const callsOfARun = 7;

it("a run of the backlog makes the calls that the tests below interrupt", async () => {
	await givenBacklog(backlog);
	expect(await numberOfCalls()).toBe(callsOfARun);
	expect(await assigned()).toBe(backlog);
	expect(await unsound()).toEqual([]);
});

describe("two runs at the same time", () => {
	const calls = Array.from({ length: callsOfARun }, (_, i) => i + 1);

	it.each(calls)("the second of which comes wholly before call %i of the first: each ticket has one expert", async (call) => {
		await givenBacklog(backlog);

		await run(disturbed(call, { before: run }));

		expect(await unsound()).toEqual([]);
		expect(await assigned()).toBe(backlog);
		expect(await visitsNow()).toHaveLength(backlog);
	});

	it("and a third, and a fourth, call by call as it happens", async () => {
		await givenBacklog(backlog);
		await Promise.all([run(), run(), run(), run()]);
		expect(await unsound()).toEqual([]);
		expect(await assigned()).toBe(backlog);
	});

	it("give back once what both find unanswered", async () => {
		await givenBacklog(20);
		await run();
		quanta.now += 1 * days;

		await run(disturbed(2, { before: run }));

		expect(await unsound()).toEqual([]);
		expect(await rowsOf(env.SYSOPS_DB, "select 1 from rejections")).toHaveLength(20);
	});
});

describe("a run that is cut off", () => {
	const places = Array.from({ length: callsOfARun }, (_, i) => i + 1).flatMap((call) => [
		{ call, when: "before" as const },
		{ call, when: "after" as const },
	]);

	it.each(places)("$when call $call leaves nothing half done, and the next one goes on", async ({ call, when }) => {
		await givenBacklog(backlog);

		await expect(run(disturbed(call, { [when]: killed }))).rejects.toThrow("killed");
		expect(await unsound()).toEqual([]);
		quanta.now += 1 * minutes;
		await run();

		expect(await unsound()).toEqual([]);
		expect(await assigned()).toBe(backlog);
	});

	it.each([1, 2, 3, 4])("before call %i while it gives back: the next run goes on", async (call) => {
		await givenBacklog(20);
		await run();
		quanta.now += 1 * hours;
		await env.SYSOPS_DB.prepare("update experts set active = 0, version = 2").run();

		await expect(run(disturbed(call, { before: killed }))).rejects.toThrow("killed");
		await run();

		expect(await unsound()).toEqual([]);
		expect(await assigned()).toBe(0);
		expect(await rowsOf(env.SYSOPS_DB, "select 1 from experts where checked_version < version")).toEqual([]);
	});
});

describe("what changes between reading and writing is not written over:", () => {
	/** One ticket and one expert; `text` is what somebody else does before the visit is written. */
	async function meanwhile(text: string, ...values: string[]): Promise<void> {
		const before = () =>
			env.SYSOPS_DB.prepare(text)
				.bind(...values)
				.run();
		await run(disturbed(5, { before }));
	}

	it("a ticket that was cancelled", async () => {
		await givenExpert();
		await givenWaiting(morning);
		await meanwhile("update tickets set status = 'cancelled'");
		expect(await ticketsNow()).toMatchObject([{ status: "cancelled", expert_id: null }]);
		expect(await visitsNow()).toEqual([]);
	});

	it("a ticket that is another one by now", async () => {
		await givenExpert();
		await givenWaiting(morning);
		await meanwhile("update tickets set version = version + 1");
		expect(await visitsNow()).toEqual([]);
	});

	it("an expert who has changed", async () => {
		await givenExpert();
		await givenWaiting(morning);
		await meanwhile("update experts set version = version + 1");
		expect(await ticketsNow()).toMatchObject([{ status: "queued", expert_id: null }]);
		expect(await visitsNow()).toEqual([]);
	});

	it("a rejection", async () => {
		const expertId = await givenExpert();
		const ticketId = await givenWaiting(morning);
		await meanwhile(
			"insert into rejections (ticket_id, expert_id, rejected_at, reason) values (?, ?, 1, 'no')",
			ticketId,
			expertId,
		);
		expect(await visitsNow()).toEqual([]);
	});

	const taken = (startsAt: string) =>
		`insert into visits (expert_id, starts_at, ends_at, ticket_id) values (?, ${startsAt}, 0, ?)`;

	it("a visit at that time", async () => {
		const expertId = await givenExpert();
		const ticketId = await givenWaiting(morning);
		await meanwhile(taken(String(morning + 2 * hours)), expertId, "tkt_another");
		expect(await visitsNow()).not.toContainEqual(expect.objectContaining({ ticket_id: ticketId }));
		expect(await ticketsNow()).toMatchObject([{ status: "queued" }]);
	});

	it("a day that has filled up, whatever the page itself brings", async () => {
		const expertId = await givenExpert({ capacity: 3 });
		for (let i = 0; i < 3; i++) await givenWaiting(morning + i);
		await meanwhile(taken(String(morning + 12 * hours)), expertId, "tkt_another");
		expect((await visitsNow()).map(({ starts_at }) => starts_at)).toEqual([2, 4, 12].map((h) => morning + h * hours));
		expect(await assigned()).toBe(2);
	});

	it("an expert who accepts in the moment in which it is to be taken back", async () => {
		await givenExpert();
		await givenWaiting(morning);
		await run();
		quanta.now += 2 * hours;
		const before = () => env.SYSOPS_DB.prepare("update tickets set status = 'accepted'").run();
		await run(disturbed(2, { before }));
		expect(await ticketsNow()).toMatchObject([{ status: "accepted" }]);
		expect(await visitsNow()).toHaveLength(1);
		expect(await rowsOf(env.SYSOPS_DB, "select 1 from rejections")).toEqual([]);
	});

	it("a change of the expert while an older one is looked through: it is looked at again", async () => {
		await givenExpert();
		await givenWaiting(morning);
		await run();
		await env.SYSOPS_DB.prepare("update experts set version = 2").run();
		const before = () => env.SYSOPS_DB.prepare("update experts set version = 3, active = 0").run();
		await run(disturbed(3, { before }));
		expect(await ticketsNow()).toMatchObject([{ status: "assigned" }]);
		await run();
		expect(await ticketsNow()).toMatchObject([{ status: "queued" }]);
	});

	it("a reason is not noted for a ticket that no longer waits", async () => {
		await givenWaiting(morning);
		const before = () => env.SYSOPS_DB.prepare("update tickets set status = 'cancelled', version = version + 1").run();
		await run(disturbed(4, { before }));
		expect(await ticketsNow()).toMatchObject([{ status: "cancelled", waiting_reason: null }]);
	});
});
