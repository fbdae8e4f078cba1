import type { PartOfDay } from "../../../shared/events/customer.ts";
import { days } from "../../../shared/time.ts";
import type { Availability, Expert } from "../experts/expert.ts";
import { type Able, best, type Calendar, calendarsOf, spanOf, take, windowsIn } from "./calendar.ts";

/** Who goes where, and when: the rules of docs/assignment.md, without clock, randomness or database. */

export const priorities = ["high", "normal", "low"] as const;

/** Why nobody comes: nobody has the skill; nobody who has it serves the region; all who do have sent it back; all are full. */
export type WaitingReason = "no_expert_with_skill" | "no_expert_in_region" | "all_rejected" | "no_free_time";

export interface WaitingTicket {
	readonly id: string;
	readonly priority: string;
	/** Since when it waits. */
	readonly openedAt: number;
	readonly category: string;
	readonly region: string;
	readonly availability: readonly PartOfDay[];
	/** Experts who never get it again. */
	readonly rejectedBy: readonly string[];
}

export interface Candidate extends Availability, Pick<Expert, "id" | "capacity"> {
	readonly skills: Readonly<Record<string, number>>;
	readonly regions: readonly string[];
}

export interface Assignment {
	readonly ticketId: string;
	readonly expertId: string;
	/** Half-open. */
	readonly from: number;
	readonly to: number;
}

export interface Plan {
	/** In the order in which the tickets were served. */
	readonly assignments: readonly Assignment[];
	readonly waiting: readonly { readonly ticketId: string; readonly reason: WaitingReason }[];
	/** How often a ticket and an expert were held against each other: what the plan cost. */
	readonly looks: number;
}

/**
 * Gives each ticket to the best expert of the first day on which anybody can come: the urgent and the old tickets first.
 * `visits` are those which the experts have already, from the beginning of today on. The order of what is given does not
 * matter.
 */
export function assign({
	now,
	tickets,
	experts,
	visits,
}: {
	now: number;
	tickets: readonly WaitingTicket[];
	experts: readonly Candidate[];
	visits: readonly { readonly expertId: string; readonly from: number }[];
}): Plan {
	const today = Math.floor(now / days) * days;
	const active = experts.filter(({ active }) => active).sort((a, b) => compare(a.id, b.id));
	const calendars = calendarsOf(now, active, visits);
	const kinds = new Map<string, Kind>();
	const plan = { assignments: [] as Assignment[], waiting: [] as { ticketId: string; reason: WaitingReason }[], looks: 0 };

	for (const ticket of [...tickets].sort(inOrder)) {
		const { id: ticketId, category, region, rejectedBy } = ticket;
		const key = `${category} ${region}`;
		const kind = kinds.get(key) ?? kindOf(active, calendars, category, region);
		kinds.set(key, kind);
		const windows = windowsIn(ticket.availability);
		const able = rejectedBy.length === 0 ? kind.able : kind.able.filter(({ calendar }) => !rejectedBy.includes(calendar.id));
		const isFull = kind.full.has(windows);
		if (!isFull) plan.looks += able.length;
		const choice = isFull ? undefined : best(able, windows);
		if (choice) {
			take(choice);
			plan.assignments.push({ ticketId, expertId: choice.calendar.id, ...spanOf(today + choice.day * days, choice.window) });
			continue;
		}
		if (able === kind.able) kind.full.add(windows);
		plan.waiting.push({ ticketId, reason: able.length > 0 ? "no_free_time" : kind.whenNobody });
	}
	return plan;
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

const rank = (priority: string) => (priorities as readonly string[]).indexOf(priority);

const inOrder = (a: WaitingTicket, b: WaitingTicket) =>
	rank(a.priority) - rank(b.priority) || a.openedAt - b.openedAt || compare(a.id, b.id);

/** What all tickets of a category and region have in common. */
interface Kind {
	readonly able: readonly Able[];
	/** Why nobody comes when nobody is left. */
	readonly whenNobody: WaitingReason;
	/** Sets of windows in which nobody has time any more: within a plan it never comes back. */
	readonly full: Set<number>;
}

function kindOf(active: readonly Candidate[], calendars: ReadonlyMap<string, Calendar>, category: string, region: string): Kind {
	const skilled = active.filter(({ skills }) => skills[category]);
	const able = skilled.flatMap(({ id, skills, regions }) => {
		const calendar = calendars.get(id);
		if (!calendar || !regions.includes(region)) return [];
		return [{ calendar, level: skills[category] ?? 0, home: Number(regions[0] === region) }];
	});
	const whenNobody = able.length > 0 ? "all_rejected" : skilled.length > 0 ? "no_expert_in_region" : "no_expert_with_skill";
	return { able, whenNobody, full: new Set() };
}
