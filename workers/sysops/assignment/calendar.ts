import type { PartOfDay } from "../../../shared/events/customer.ts";
import { days, hours } from "../../../shared/time.ts";
import { type Availability, isAtWork, type Span } from "../experts/expert.ts";

/** A visit takes two hours, from one of these hours (UTC) on. */
const startingHours = [8, 10, 12, 14, 16, 18] as const;
const visitLength = 2 * hours;
/** From now to the start of a visit at least, and less than this to that of the last one. */
const notice = 2 * hours;
export const horizon = 14 * days;

/** Windows of a day as bits, the lowest for 8 o'clock. */
const windowsOf: Readonly<Record<PartOfDay, number>> = { morning: 0b000011, afternoon: 0b001100, evening: 0b110000 };

export const windowsIn = (parts: readonly PartOfDay[]) => parts.reduce((mask, part) => mask | windowsOf[part], 0);

/** The time of a window by its bit, on the UTC day that begins at `midnight`. */
export function spanOf(midnight: number, window: number): Span {
	const from = midnight + (startingHours[window] ?? 0) * hours;
	return { from, to: from + visitLength };
}

/** What is left of one expert's time. Day 0 is today. */
export interface Calendar {
	readonly id: string;
	readonly capacity: number;
	/** The free windows of each day; none when the day has as many visits as it may. */
	readonly free: number[];
	/** How many visits each day has. */
	readonly visits: number[];
	/** By set of windows: before this day none of them is free. Time is only ever taken, so it never goes back. */
	readonly firstDay: number[];
}

/** An expert who has the skill and serves the region of a ticket. */
export interface Able {
	readonly calendar: Calendar;
	readonly level: number;
	/** 1 at home, else 0. */
	readonly home: number;
}

export interface Choice extends Able {
	readonly day: number;
	readonly window: number;
}

/** The calendars of the experts by their ids, without what is over, too soon, or taken by one of `visits`. */
export function calendarsOf(
	now: number,
	experts: readonly (Availability & { readonly id: string; readonly capacity: number })[],
	visits: readonly { readonly expertId: string; readonly from: number }[],
): ReadonlyMap<string, Calendar> {
	const today = Math.floor(now / days);
	const length = Math.ceil((now + horizon) / days) - today;
	const taken = Map.groupBy(visits, ({ expertId }) => expertId);
	const calendars = experts.map((expert): [string, Calendar] => {
		const { id, capacity } = expert;
		const own = taken.get(id) ?? [];
		const visitsOf = Array.from({ length }, () => 0);
		for (const { from } of own) {
			const day = Math.floor(from / days) - today;
			if (day in visitsOf) visitsOf[day] = (visitsOf[day] ?? 0) + 1;
		}
		const free = visitsOf.map((count, day) => (count < capacity ? freeWindows(expert, own, now, (today + day) * days) : 0));
		return [id, { id, capacity, free, visits: visitsOf, firstDay: [] }];
	});
	return new Map(calendars);
}

function freeWindows(expert: Availability, taken: readonly { readonly from: number }[], now: number, midnight: number): number {
	return startingHours.reduce((mask: number, _, window) => {
		const span = spanOf(midnight, window);
		const inTime = span.from >= now + notice && span.from < now + horizon;
		const isFree = inTime && isAtWork(expert, span) && !taken.some(({ from }) => Math.abs(from - span.from) < visitLength);
		return isFree ? mask | (1 << window) : mask;
	}, 0);
}

/**
 * Who comes, and when: the first day on which any of them is free in one of `windows`; of those the most skilled, then
 * one at home, then whoever has the fewest visits that day, then the earliest, then the first in the order of `able`.
 */
export function best(able: readonly Able[], windows: number): Choice | undefined {
	let choice: Choice | undefined;
	for (const one of able) {
		const { calendar, level, home } = one;
		const day = firstDay(calendar, windows);
		if (day >= calendar.free.length || (choice && day > choice.day)) continue;
		const window = firstWindow(calendar, day, windows);
		const preference =
			choice &&
			(choice.day - day ||
				level - choice.level ||
				home - choice.home ||
				visitsOn(choice.calendar, day) - visitsOn(calendar, day) ||
				choice.window - window);
		if (preference === undefined || preference > 0) choice = { calendar, level, home, day, window };
	}
	return choice;
}

const visitsOn = ({ visits }: Calendar, day: number) => visits[day] ?? 0;

/** The lowest bit that is set. */
const firstWindow = ({ free }: Calendar, day: number, windows: number) =>
	31 - Math.clz32(bits(free, day, windows) & -bits(free, day, windows));
const bits = (free: readonly number[], day: number, windows: number) => (free[day] ?? 0) & windows;

function firstDay({ free, firstDay }: Calendar, windows: number): number {
	let day = firstDay[windows] ?? 0;
	while (day < free.length && bits(free, day, windows) === 0) day += 1;
	firstDay[windows] = day;
	return day;
}

/** The expert has one visit more, and no time for another in this window. */
export function take({ calendar: { capacity, free, visits }, day, window }: Choice): void {
	visits[day] = (visits[day] ?? 0) + 1;
	free[day] = visits[day] < capacity ? (free[day] ?? 0) & ~(1 << window) : 0;
}
