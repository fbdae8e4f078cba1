import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { fill, fillTickets } from "../../../shared/testing/backlog.ts";
import { CostSheet } from "../../../shared/testing/counting.ts";
import { everyDay, givenManyWaiting } from "../../../shared/testing/experts.ts";
import { customerId, someCustomer } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days } from "../../../shared/time.ts";
import worker from "../index.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const minute = (name: string) =>
	sheet.line(name, (counted, execution) =>
		worker.scheduled(createScheduledController({ cron: "* * * * *" }), counted, execution),
	);
/** The destinations' states, a claim for each of the two, and the note that the Cron Trigger ran. */
const ofRelay = 4;
const closed = { status: "'resolved'", submitted_at: "i", received_at: "i", customer: `'${JSON.stringify(someCustomer)}'` };

/** 100,000 tickets of before, 20,000 that are assigned, 5,000 visits of before, 5,000 former experts: nobody is to read them. */
beforeAll(async () => {
	// the later in the day, the more visits are for tomorrow, and looked for there
	vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 10, 2, 9) });
	await migrateDatabases();
	await fillTickets(env.SYSOPS_DB, customerId("01"), 100_000, closed);
	const far = Date.now() + 365 * days;
	const assigned = { ...closed, status: "'assigned'", visit_from: far, visit_to: far, changed_at: far };
	await fillTickets(env.SYSOPS_DB, customerId("02"), 20_000, assigned);
	const expert = { id: "printf('exp_00%026d', i)", name: "'Mary Example'", skills: `'{"television":1}'`, hours: `'${everyDay}'` };
	const more = { email: "'expert-' || i || '@squad.example'", regions: `'["south"]'`, absences: "'[]'", capacity: 6 };
	// the last 50 are active
	const all = { ...expert, ...more, active: "i > 4950", version: 1, checked_version: 1 };
	await fill(env.SYSOPS_DB, "experts", 5000, all);
	await fill(env.SYSOPS_DB, "visits", 5000, {
		expert_id: "printf('exp_00%026d', 4951 + i % 50)",
		starts_at: "i",
		ends_at: "i + 1",
		ticket_id: "'tkt_old' || i",
	});
});

describe("the assignment of every minute, beside the relay", () => {
	it("with nothing to do is two calls, which find nothing, and writes that it ran", async () => {
		const costs = await minute("nothing waits");

		expect(costs).toMatchObject({ d1Calls: ofRelay + 2, rowsWritten: 1, sends: 0 });
		expect(costs.rowsRead).toBeLessThan(20);
	});

	it("assigns 100 tickets in one batch and one send", async () => {
		await givenManyWaiting(100, Date.now());
		const costs = await minute("100 wait, 50 experts");

		expect(costs).toMatchObject({ d1Calls: ofRelay + 2 + 2 + 1, sends: 1, messages: 100 });
		expect(await minute("the same a minute later")).toMatchObject({ d1Calls: ofRelay + 2, rowsWritten: 1 });
	});

	it("reads what waits in vain once a run, each ticket once, and writes the reason once", async () => {
		const audio = {
			status: "'queued'",
			submitted_at: "i",
			received_at: "i",
			opened_at: "i",
			customer: "'{}'",
			region: "'south'",
		};
		await fillTickets(env.SYSOPS_DB, customerId("00"), 5000, audio);
		const first = await minute("5,000 wait in vain, first run");
		const second = await minute("5,000 wait in vain, later");

		// the ticket, and two indexes by which the staff find it
		expect(first.rowsWritten).toBe(3 * 5000 + 1);
		expect(second.rowsWritten).toBe(1);
		// the tickets, 50 experts, the visits of the horizon
		expect(second.rowsRead).toBeLessThan(5000 + 500);
	});

	it("looks through the visits of an expert who has changed, and no others", async () => {
		await env.SYSOPS_DB.prepare("delete from tickets where status = 'queued'").run();
		await env.SYSOPS_DB.prepare(`update experts set version = 2, absences = '[{"from":0,"to":${Date.now() + 20 * days}}]'
			where id = (select expert_id from tickets where expert_id is not null order by id limit 1)`).run();
		const costs = await minute("an expert goes on leave, others take over");

		expect(costs).toMatchObject({ sends: 2 });
		expect(costs.rowsRead).toBeLessThan(1000);
	});
});

it("costs what test/costs/assignment.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("assignment of the sysops")).toMatchFileSnapshot("../../../test/costs/assignment.md");
});
