import { describe, expect, it } from "vitest";
import { someProblem } from "../../../shared/testing/assignment.ts";
import { Random } from "../../../shared/testing/random.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { type Assignment, assign } from "./assignment.ts";

type Problem = ReturnType<typeof someProblem>;
type Ticket = Problem["tickets"][number];
type Expert = Problem["experts"][number];

const seeds = Array.from({ length: 300 }, (_, seed) => seed);
const problems = seeds.map((seed) => someProblem(seed, { tickets: 40, experts: seed % 9 }));
const partOf = (hour: number) => (hour < 12 ? "morning" : hour < 16 ? "afternoon" : "evening");
const dayOf = (at: number) => Math.floor(at / days);
const level = { high: 0, normal: 1, low: 2 };

/** Every hour from `from` on, half an hour at a time, without any cleverness. */
function works(expert: Expert, from: number): boolean {
	for (let at = from; at < from + 2 * hours; at += 30 * minutes) {
		const date = new Date(at);
		const [day, minute] = [date.getUTCDay() || 7, date.getUTCHours() * 60 + date.getUTCMinutes()];
		if (!expert.hours.some((part) => part.day === day && part.from <= minute && minute + 30 <= part.to)) return false;
		if (expert.absences.some((away) => away.from < at + 30 * minutes && at < away.to)) return false;
	}
	return expert.active;
}

const able = (expert: Expert, ticket: Ticket) =>
	expert.active &&
	ticket.category in expert.skills &&
	expert.regions.includes(ticket.region) &&
	!ticket.rejectedBy.includes(expert.id);

/** May this visit be, beside those that there are? */
function possible({ now }: Problem, expert: Expert, ticket: Ticket, from: number, taken: readonly Visit[]): boolean {
	const own = taken.filter(({ expertId }) => expertId === expert.id);
	return (
		able(expert, ticket) &&
		from >= now + 2 * hours &&
		from < now + 14 * days &&
		ticket.availability.includes(partOf(new Date(from).getUTCHours())) &&
		works(expert, from) &&
		own.every((visit) => visit.from !== from) &&
		own.filter((visit) => dayOf(visit.from) === dayOf(from)).length < expert.capacity
	);
}
type Visit = Problem["visits"][number];

/** The plan by trying everything. */
function slowly(problem: Problem) {
	const taken = [...problem.visits];
	const { now, experts } = problem;
	const starts = Array.from({ length: 15 * 6 }, (_, i) => (dayOf(now) + Math.floor(i / 6)) * days + (8 + 2 * (i % 6)) * hours);
	const order = [...problem.tickets].sort((a, b) => {
		const [first, second] = [a, b].map(({ priority, openedAt, id }) =>
			[level[priority], String(openedAt).padStart(15, "0"), id].join(),
		);
		return String(first) < String(second) ? -1 : 1;
	});
	return order.map((ticket) => {
		const options = experts.flatMap((expert) =>
			starts
				.filter((from) => possible(problem, expert, ticket, from, taken))
				.map((from) => {
					const visits = taken.filter((visit) => visit.expertId === expert.id && dayOf(visit.from) === dayOf(from)).length;
					const away = Number(expert.regions[0] !== ticket.region);
					const key = [dayOf(from), 3 - (expert.skills[ticket.category] ?? 0), away, visits, new Date(from).getUTCHours() + 10];
					return { expertId: expert.id, from, key: `${key.join()} ${expert.id}` };
				}),
		);
		const [first] = options.sort((a, b) => (a.key < b.key ? -1 : 1));
		if (first) taken.push(first);
		return {
			ticketId: ticket.id,
			...(first ? { expertId: first.expertId, from: first.from } : { reason: reasonFor(problem, ticket) }),
		};
	});
}

function reasonFor({ experts }: Problem, ticket: Ticket): string {
	const skilled = experts.filter((expert) => expert.active && ticket.category in expert.skills);
	if (skilled.length === 0) return "no_expert_with_skill";
	const near = skilled.filter((expert) => expert.regions.includes(ticket.region));
	if (near.length === 0) return "no_expert_in_region";
	return near.every((expert) => ticket.rejectedBy.includes(expert.id)) ? "all_rejected" : "no_free_time";
}

/** What every plan keeps to, whatever it is made by. */
function expectKept(problem: Problem, assignments: readonly Assignment[]) {
	const all: Visit[] = [...problem.visits];
	for (const { ticketId, expertId, from, to } of assignments) {
		const ticket = problem.tickets.find(({ id }) => id === ticketId);
		const expert = problem.experts.find(({ id }) => id === expertId);
		if (!ticket || !expert) throw new Error("nobody knows them");
		expect([to - from, possible(problem, expert, ticket, from, all)]).toEqual([2 * hours, true]);
		all.push({ expertId, from });
	}
}

describe("a plan", () => {
	it("sends nobody whom a rule keeps from coming, and finds a visit wherever there is one", () => {
		const reasons = new Set<string>();
		let assigned = 0;
		for (const problem of problems) {
			const { assignments, waiting } = assign(problem);
			expectKept(problem, assignments);
			const found = [...assignments.map(({ to: _, ...visit }) => visit), ...waiting];
			const byId = (a: { ticketId: string }, b: { ticketId: string }) => (a.ticketId < b.ticketId ? -1 : 1);
			expect(found.sort(byId)).toEqual(slowly(problem).sort(byId));
			assigned += assignments.length;
			for (const { reason } of waiting) reasons.add(reason);
		}
		// or the problems would prove nothing
		expect([...reasons].sort()).toEqual(["all_rejected", "no_expert_in_region", "no_expert_with_skill", "no_free_time"]);
		expect(assigned).toBeGreaterThan(3000);
	});

	it("never lets the more urgent or older of two equal tickets wait for the other, nor come on a later day", () => {
		let pairs = 0;
		for (const problem of problems) {
			const { assignments } = assign(problem);
			const dayFor = new Map(assignments.map(({ ticketId, from }) => [ticketId, dayOf(from)]));
			const plain = problem.tickets.filter(({ rejectedBy }) => rejectedBy.length === 0);
			const kind = ({ category, region, availability }: Ticket) => [category, region, ...[...availability].sort()].join();
			for (const equal of Map.groupBy(plain, kind).values()) {
				for (const first of equal) {
					for (const second of equal) {
						const urgent = level[first.priority] - level[second.priority] || first.openedAt - second.openedAt;
						if (urgent >= 0) continue;
						pairs += 1;
						expect(dayFor.get(first.id) ?? Infinity).toBeLessThanOrEqual(dayFor.get(second.id) ?? Infinity);
					}
				}
			}
		}
		expect(pairs).toBeGreaterThan(2_000);
	});

	it("is the same in whatever order its parts are given", () => {
		for (const [seed, { now, tickets, experts, visits }] of problems.entries()) {
			const random = new Random(seed);
			const shuffled = <T>(list: readonly T[]) =>
				list
					.map((item) => ({ item, at: random.unit() }))
					.sort((a, b) => a.at - b.at)
					.map(({ item }) => item);

			const other = assign({ now, tickets: shuffled(tickets), experts: shuffled(experts), visits: shuffled(visits) });

			expect(other).toEqual(assign({ now, tickets, experts, visits }));
		}
	});
});

describe("what a plan costs", () => {
	it("is at most a look at each able expert for each ticket, and none for those who find everybody full", () => {
		const experts = 500;
		const [small, large, crowded] = [
			assign(someProblem(1, { tickets: 1_000, experts })),
			assign(someProblem(1, { tickets: 10_000, experts })),
			assign(someProblem(1, { tickets: 10_000, experts: 50 })),
		];

		expect(small.looks).toBeGreaterThan(1_000);
		expect(large.looks).toBeLessThan(10 * small.looks);
		// the 40 kinds of tickets, each with a seventh of the 500, and 7 sets of windows
		expect(crowded.waiting.length).toBeGreaterThan(9_000);
		expect(crowded.looks).toBeLessThan(5_000);
	});
});
