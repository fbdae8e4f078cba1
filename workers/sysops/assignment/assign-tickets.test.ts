import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { topology } from "../../../shared/events/topology.ts";
import { onScheduled } from "../../../shared/quantum.ts";
import { fillTickets } from "../../../shared/testing/backlog.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import {
	givenExpert,
	givenManyWaiting,
	givenWaiting,
	ticketsNow,
	toldOf,
	unsound,
	visitsNow,
} from "../../../shared/testing/experts.ts";
import { customerId, newId } from "../../../shared/testing/fixtures.ts";
import { readMessage } from "../../../shared/testing/forge.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { createQuanta, type Quanta } from "../../../shared/testing/quanta.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { sysops } from "../quantum.ts";
import { assignTickets } from "./assign-tickets.ts";

/** A Monday, 12 o'clock. */
const noon = Date.UTC(2026, 10, 2, 12);
const today = noon - 12 * hours;
let quanta: Quanta;

beforeEach(async () => {
	await reset();
	await migrateDatabases();
	quanta = createQuanta(topology);
	quanta.now = noon;
});

async function run(): Promise<void> {
	await assignTickets(quanta.ctx("sysops"));
	await quanta.settled();
}
const set = (table: string, id: string, changes: string) =>
	env.SYSOPS_DB.prepare(`update ${table} set ${changes} where id = ?`).bind(id).run();

describe("a ticket that waits", () => {
	it("is assigned to whoever can come first, and its customer hears of expert and visit", async () => {
		const expertId = await givenExpert();
		const ticketId = await givenWaiting(noon - 1 * minutes);

		await run();

		const visit = { from: today + 14 * hours, to: today + 16 * hours };
		expect(await ticketsNow()).toMatchObject([
			{ id: ticketId, status: "assigned", version: noon, expert_id: expertId, visit_from: visit.from, waiting_reason: null },
		]);
		expect(await visitsNow()).toEqual([{ expert_id: expertId, starts_at: visit.from, ticket_id: ticketId }]);
		const [message = ""] = quanta.take("ticket-updates");
		expect(readMessage(message).event).toMatchObject({
			type: "TicketStatusChanged",
			subject: customerId("00"),
			version: String(noon),
			data: { ticketId, status: "assigned", expert: { id: expertId, name: "Mary Example" }, visit },
		});
		expect(await unsound()).toEqual([]);
		expect(quanta.log.at(-1)).toMatchObject({ message: "tickets_assigned", assigned: 1, waiting: 0, released: 0 });
	});

	it("that nobody can serve is noted with why, once: another run changes nothing", async () => {
		await givenExpert({ skills: '{"audio":3}' });
		const ticketId = await givenWaiting(noon);

		await run();
		expect(await ticketsNow()).toMatchObject([
			{ id: ticketId, status: "queued", version: noon, waiting_reason: "no_expert_with_skill" },
		]);
		expect(await toldOf(ticketId)).toEqual([]);
		const before = await contentsOf(env.SYSOPS_DB);
		quanta.now += 1 * minutes;
		await run();
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);

		await givenExpert();
		await run();
		expect(await ticketsNow()).toMatchObject([{ status: "assigned", waiting_reason: null }]);
	});

	it("does not come to an expert who has sent it back, nor to one who is inactive", async () => {
		const [rejecting, other] = [await givenExpert(), await givenExpert({ regions: '["north","south"]' })];
		await givenExpert({ active: 0, skills: '{"television":3}' });
		const ticketId = await givenWaiting(noon);
		const text = "insert into rejections (ticket_id, expert_id, rejected_at, reason) values (?, ?, 1, 'too far')";
		await env.SYSOPS_DB.prepare(text).bind(ticketId, rejecting).run();

		await run();

		expect(await visitsNow()).toMatchObject([{ expert_id: other, ticket_id: ticketId }]);
	});

	it("is served before more than a page of those that are less urgent, and all of them in one run", async () => {
		for (let i = 0; i < 3; i++) await givenExpert();
		await givenManyWaiting(130, noon - 1 * days);
		const urgent = await givenWaiting(noon, { priority: "high" });

		await run();

		expect(await unsound()).toEqual([]);
		expect((await ticketsNow()).filter(({ status }) => status === "assigned")).toHaveLength(131);
		expect((await ticketsNow()).find(({ id }) => id === urgent)?.visit_from).toBe(today + 14 * hours);
	});

	it("and was visited before loses the old visit with the new one", async () => {
		const expertId = await givenExpert();
		const ticketId = await givenWaiting(noon, { resolutions: 1 });
		const text = "insert into visits (expert_id, starts_at, ends_at, ticket_id) values (?, ?, ?, ?)";
		await env.SYSOPS_DB.prepare(text)
			.bind(expertId, today - 4 * hours, today - 2 * hours, ticketId)
			.run();

		await run();

		expect(await visitsNow()).toEqual([{ expert_id: expertId, starts_at: today + 14 * hours, ticket_id: ticketId }]);
	});
});

describe("more than a run can do", () => {
	const audio = { status: "'queued'", submitted_at: "i", opened_at: "i", received_at: "i", region: "'south'", customer: "'{}'" };

	it("is left to the next run: 5,000 visits are written, and then the others", async () => {
		for (let i = 0; i < 62; i++) await givenExpert({ skills: '{"audio":1}' });
		await fillTickets(env.SYSOPS_DB, customerId("00"), 5010, audio);

		await run();
		expect(quanta.log.at(-1)).toMatchObject({ assigned: 5000, waiting: 10 });
		await run();

		expect(quanta.log.at(-1)).toMatchObject({ assigned: 10, waiting: 0 });
		expect(quanta.take("ticket-updates")).toHaveLength(5010);
		expect(await rowsOf(env.SYSOPS_DB, "select 1 from visits")).toHaveLength(5010);
	});

	it("is an alarm from 10,000 tickets on, and the urgent ones are served all the same", async () => {
		await givenExpert();
		await fillTickets(env.SYSOPS_DB, customerId("00"), 10_000, { ...audio, priority: "'normal'" });
		const [urgent, behind] = [await givenWaiting(noon, { priority: "high" }), await givenWaiting(noon)];

		await run();

		expect(quanta.logged("alarm")).toEqual(["too_many_tickets_wait"]);
		expect(await visitsNow()).toMatchObject([{ ticket_id: urgent }]);
		const reasons = await rowsOf(
			env.SYSOPS_DB,
			"select waiting_reason, count(*) as n from tickets group by waiting_reason order by n",
		);
		expect(reasons).toMatchObject([{ n: 3 }, { waiting_reason: "no_expert_with_skill", n: 9999 }]);
		expect((await ticketsNow()).find(({ id }) => id === behind)).toMatchObject({ status: "queued" });
	});
});

describe("an assigned ticket that its expert does not accept", () => {
	it("for a day goes to somebody else, as if it had been rejected, and never back", async () => {
		const first = await givenExpert({ skills: '{"television":3}', hours: '[{"day":3,"from":480,"to":1200}]' });
		const ticketId = await givenWaiting(noon);
		await run();
		const second = await givenExpert();

		quanta.now += 1 * days - 1;
		await run();
		expect(await ticketsNow()).toMatchObject([{ expert_id: first, status: "assigned" }]);

		quanta.now += 1;
		await run();
		expect(await ticketsNow()).toMatchObject([{ expert_id: second, status: "assigned" }]);
		expect(await rowsOf(env.SYSOPS_DB, "select * from rejections")).toEqual([
			{ ticket_id: ticketId, expert_id: first, rejected_at: quanta.now, reason: "no answer" },
		]);
		expect(await toldOf(ticketId)).toEqual(["assigned", "received", "assigned"]);
		expect(await unsound()).toEqual([]);

		quanta.now += 1 * days;
		await run();
		expect(await ticketsNow()).toMatchObject([{ expert_id: null, status: "queued", waiting_reason: "all_rejected" }]);
	});

	it("by the beginning of its visit is given back then", async () => {
		await givenExpert();
		await givenWaiting(noon);
		await run();

		quanta.now = today + 14 * hours - 1;
		await run();
		expect(await ticketsNow()).toMatchObject([{ status: "assigned" }]);
		quanta.now += 1;
		await run();
		expect(await ticketsNow()).toMatchObject([{ status: "queued", waiting_reason: "all_rejected" }]);
		expect(await visitsNow()).toEqual([]);
	});

	it("is told to be reopened when it had been resolved before", async () => {
		await givenExpert();
		const ticketId = await givenWaiting(noon, { resolutions: 1 });
		await run();
		quanta.now += 1 * days;
		await run();
		expect(await toldOf(ticketId)).toEqual(["assigned", "reopened"]);
	});

	it("stays when it was accepted, or has begun", async () => {
		for (const [i, status] of ["accepted", "in_progress"].entries()) {
			await givenExpert();
			await givenWaiting(noon + i, { status, expert_id: newId("exp", "00"), visit_from: noon + 1, visit_to: noon + 2 });
		}
		quanta.now += 3 * days;
		await run();
		expect(await ticketsNow()).toMatchObject([{ status: "accepted" }, { status: "in_progress" }]);
	});
});

describe("visits that an expert can no longer keep", () => {
	const tomorrow = today + 1 * days + 8 * hours;

	/** One expert who has four visits: this afternoon, and tomorrow from 8 o'clock on. */
	async function givenVisits() {
		const expertId = await givenExpert({
			hours: JSON.stringify([
				{ day: 1, from: 840, to: 960 },
				{ day: 2, from: 480, to: 1200 },
			]),
		});
		const tickets: string[] = [];
		for (let i = 0; i < 4; i++) tickets.push(await givenWaiting(noon + i));
		await run();
		expect((await visitsNow()).map(({ starts_at }) => starts_at)).toEqual([
			noon + 2 * hours,
			...[0, 2, 4].map((h) => tomorrow + h * hours),
		]);
		return { expertId, tickets };
	}
	const statuses = async () => (await ticketsNow()).map(({ status }) => status);
	const change = (id: string, changes: string) => set("experts", id, `${changes}, version = version + 1`);

	it.each([
		["inactive", "active = 0", ["queued", "queued", "queued", "queued"]],
		[
			"away tomorrow until 10",
			`absences = '[{"from":${tomorrow},"to":${tomorrow + 2 * hours}}]'`,
			["assigned", "queued", "assigned", "assigned"],
		],
		[
			"at work from 9 tomorrow",
			`hours = '[{"day":1,"from":840,"to":960},{"day":2,"from":540,"to":1200}]'`,
			["assigned", "queued", "assigned", "assigned"],
		],
	])("when %s are given back without a rejection", async (_, changes, expected) => {
		const { expertId, tickets } = await givenVisits();
		await set("tickets", tickets[1] ?? "", "status = 'accepted'");
		await change(expertId, changes);
		await env.SYSOPS_DB.prepare("update experts set capacity = 0").run(); // nothing is assigned anew

		await run();

		expect(await statuses()).toEqual(expected);
		expect(await toldOf(tickets[1] ?? "")).toEqual(["assigned", "received"]);
		expect(await rowsOf(env.SYSOPS_DB, "select * from rejections")).toEqual([]);
		expect(await visitsNow()).toHaveLength(expected.filter((status) => status === "assigned").length);
		expect(await rowsOf(env.SYSOPS_DB, "select 1 from experts where checked_version < version")).toEqual([]);
		expect(quanta.log.at(-1)).toMatchObject({ released: expected.filter((status) => status === "queued").length });
	});

	it("stay when the work has begun", async () => {
		const { expertId, tickets } = await givenVisits();
		quanta.now = noon + 2 * hours;
		await set("tickets", tickets[0] ?? "", "status = 'accepted'");
		await set("tickets", tickets[1] ?? "", "status = 'in_progress'");
		await change(expertId, "active = 0");

		await run();

		expect(await statuses()).toEqual(["accepted", "in_progress", "queued", "queued"]);
	});

	it("are given back once, and the change is looked at once", async () => {
		const { expertId } = await givenVisits();
		await change(expertId, "active = 0");
		await run();
		const before = await contentsOf(env.SYSOPS_DB);
		await run();
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});

describe("every minute, the relay and the assignment", () => {
	const cron = async () => {
		await onScheduled(sysops, quanta.ctx("sysops"), "* * * * *");
		await quanta.settled();
	};

	it("run both", async () => {
		await givenExpert();
		await givenWaiting(noon);
		await cron();
		expect(await ticketsNow()).toMatchObject([{ status: "assigned" }]);
		quanta.sends.clear();
		quanta.now += 5 * minutes;
		await cron();
		expect(quanta.take("ticket-updates")).toHaveLength(1);
		expect(await rowsOf(env.SYSOPS_DB, "select ran_at from cron_runs")).toEqual([{ ran_at: quanta.now }]);
	});

	it("tickets are assigned while the relay cannot work", async () => {
		await givenExpert();
		await givenWaiting(noon);
		await env.SYSOPS_DB.prepare("drop table destinations").run();

		await cron();

		expect(quanta.logged("warn")).toEqual(["relay_shard_failed"]);
		expect(await ticketsNow()).toMatchObject([{ status: "assigned" }]);
	});

	it("events are sent again while nobody can be assigned, which is an alarm", async () => {
		await givenExpert();
		await givenWaiting(noon);
		await run();
		quanta.sends.clear();
		quanta.now += 5 * minutes;
		await env.SYSOPS_DB.prepare("drop table experts").run();

		await cron();

		expect(quanta.take("ticket-updates")).toHaveLength(1);
		expect(quanta.logged("alarm")).toEqual(["cron_failed"]);
		expect(await rowsOf(env.SYSOPS_DB, "select ran_at from cron_runs")).toEqual([]);
	});
});
