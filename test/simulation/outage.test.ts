import { describe, expect, it } from "vitest";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { submitTicket } from "../../workers/customer/tickets/submit-ticket.ts";
import { createExpert } from "../../workers/sysops/experts/create-expert.ts";
import { acceptTicket } from "../../workers/sysops/tickets/accept-ticket.ts";
import { Cluster } from "./cluster.ts";
import { assignments } from "./flows/assignments.ts";
import { notifications } from "./flows/notifications.ts";
import { administrator } from "./flows/staff.ts";
import { tickets } from "./flows/tickets.ts";
import { createPeople, type Person } from "./people.ts";
import { workers } from "./quanta.ts";
import { deploy, topology, waiting } from "./stage.ts";
import { type DatabaseCall, Life } from "./wire.ts";
import { World } from "./world.ts";

/** Every ten minutes: as often as it takes here. */
async function run(cluster: Cluster, until: number): Promise<void> {
	const { world } = cluster;
	while (world.now < until) {
		await world.runFor(Math.min(10 * minutes, until - world.now));
		for (const worker of workers) for (const cron of [relayCron, pruneCron]) cluster.cron(worker, cron);
		await world.runFor(10_000);
		accept(cluster);
	}
}

/** Every expert accepts whatever there is. */
function accept(cluster: Cluster): void {
	const assigned = "select t.id, e.email from tickets as t join experts as e on e.id = t.expert_id where t.status = 'assigned'";
	for (const { id: ticketId, email } of cluster.rows<{ id: string; email: string }>("sysops", assigned)) {
		const input = { actor: { email, role: "expert" }, ticketId } as const;
		void cluster.request("sysops", `${email} accepts`, (ctx) => acceptTicket({ ctx, input }));
	}
}

async function hire(cluster: Cluster, index: number): Promise<void> {
	const everyDay = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: 8 * 60, to: 20 * 60 }));
	const about = {
		name: `Expert ${index} Example`,
		email: `expert-${index}@squad.example`,
		active: true,
		hours: everyDay,
		absences: [],
	};
	const expert = { ...about, skills: { television: 2 as const }, regions: ["north", "east", "south"] as const, capacity: 6 };
	const input = { actor: administrator, expert: { ...expert, regions: [...expert.regions] }, idempotencyKey: about.email };
	await cluster.request("sysops", `${about.name} joins`, (ctx) => createExpert({ ctx, input }));
}

/** One customer submits a ticket; what that asked of the databases. */
async function submit(cluster: Cluster, session: Person, day: number): Promise<readonly DatabaseCall[]> {
	const life = new Life();
	life.calls = [];
	const wish = {
		device: "television",
		category: "television",
		priority: "normal",
		text: `${session.customerId} on day ${day}`,
	} as const;
	const input = {
		session,
		...wish,
		availability: ["morning", "afternoon"] as ("morning" | "afternoon")[],
		idempotencyKey: `day-${day}`,
	};
	const answer = await cluster.request("customer", `a ticket on day ${day}`, (ctx) => submitTicket({ ctx, input }), life);
	expect(answer).toMatchObject({ answer: { status: "submitted" } });
	return life.calls;
}

describe("no e-mail leaves for 72 hours, and sysops is down for three days meanwhile", () => {
	it("costs customers nothing: each submits as on a good day, each ticket is assigned, each e-mail arrives once", {
		timeout: 120_000,
	}, async () => {
		const world = new World(1);
		const cluster = new Cluster(world, topology, deploy());
		const start = world.now;
		const people = createPeople(cluster, 21).filter(({ kind }) => kind === "in order");
		const watching = [tickets, assignments, notifications].map((flow) => flow.start([]));
		watching.at(-1)?.plan(cluster, start); // it sees what leaves
		for (let index = 0; index < 4; index++) void hire(cluster, index);
		cluster.windows = [
			{ kind: "mail refused", from: start + 1 * days, to: start + 4 * days },
			{ kind: "down", worker: "sysops", from: start + 2 * days, to: start + 5 * days },
		];

		const costs: (readonly DatabaseCall[])[][] = [];
		const left: number[] = [];
		for (const day of [0, 1, 2, 3, 4, 5, 6]) {
			await run(cluster, start + day * days + 12 * hours);
			const ofDay: (readonly DatabaseCall[])[] = [];
			for (const person of people) void submit(cluster, person, day).then((calls) => ofDay.push(calls));
			await run(cluster, world.now + 1 * minutes);
			costs.push(ofDay);
			left.push(cluster.post.copies.length);
		}
		await run(cluster, start + 9 * days);

		expect(people.length).toBe(12);
		const [first = []] = costs[0] ?? [];
		expect(first.map(({ statements }) => statements.length)).toEqual([2]);
		for (const ofDay of costs) expect(ofDay).toEqual(people.map(() => first));

		expect(left[3]).toBe(left[1]); // nothing leaves meanwhile
		const all = cluster.rows<{ status: string; expert_id: string | null }>("sysops", "select status, expert_id from tickets");
		expect(all).toHaveLength(7 * people.length);
		expect(all.filter(({ status, expert_id }) => status === "accepted" && expert_id !== null)).toHaveLength(all.length);

		const asked = cluster.rows<{ id: string }>("customer", "select id from asked").map(({ id }) => id);
		expect(asked.length).toBeGreaterThan(2 * all.length);
		expect(cluster.post.copies.map(({ id }) => id).sort()).toEqual(asked.sort());
		expect(waiting(cluster)).toBe(0);
		expect(watching.flatMap((flow) => [...flow.always(cluster), ...flow.violations(cluster)])).toEqual([]);
	});
});
