import { PartOfDay, Priority, regions, SkillCategory } from "../events/customer.ts";
import { days, hours, minutes } from "../time.ts";
import { Random } from "./random.ts";

type Region = (typeof regions)[number];

const numbered = (prefix: string, i: number) => `${prefix}_00${String(i).padStart(26, "0")}`;

/** Some of `choices`, at least one, in a random order. */
function some<T>(random: Random, choices: readonly T[], most: number): [T, ...T[]] {
	const left = [...choices];
	const chosen = Array.from({ length: random.between(1, most + 1) }, () => left.splice(random.between(0, left.length), 1)).flat();
	return chosen as [T, ...T[]]; // at least one of a list that is not empty
}

/** A problem of the assignment: the same seed, the same problem. Small ones are full of what is rare in large ones. */
export function someProblem(seed: number, { tickets, experts }: { tickets: number; experts: number }) {
	const random = new Random(seed);
	const small = experts < 50;
	const now = Date.UTC(2026, 10, 2) + random.between(0, 7 * days);
	const today = Math.floor(now / days) * days;
	const [categories, areas] = small ? [SkillCategory.options.slice(0, 3), regions.slice(0, 3)] : [SkillCategory.options, regions];

	const staff = Array.from({ length: experts }, (_, i) => ({
		id: numbered("exp", i),
		active: !random.chance(0.1),
		skills: Object.fromEntries(some(random, categories, 3).map((category) => [category, random.pick([1, 2, 3])])),
		regions: some(random, areas, 2),
		hours: Array.from({ length: 7 }, (_, day) => someHours(random, day + 1)).flat(),
		absences: Array.from({ length: random.between(0, 3) }, () => {
			const from = today + random.between(-2 * 24, 14 * 24) * hours;
			return { from, to: from + random.between(1, 6 * 24) * hours };
		}),
		capacity: random.between(1, 7),
	}));
	const visits = staff.flatMap(({ id }) =>
		Array.from({ length: small ? random.between(0, 8) : 0 }, () => random.between(0, 15 * 6))
			.filter((window, i, all) => all.indexOf(window) === i)
			.map((window) => ({ expertId: id, from: today + Math.floor(window / 6) * days + (8 + 2 * (window % 6)) * hours })),
	);
	const waiting = Array.from({ length: tickets }, (_, i) => ({
		id: numbered("tkt", i),
		priority: random.pick(Priority.options),
		openedAt: now - random.between(0, small ? 5 : 10 * days),
		category: random.pick(categories as [SkillCategory, ...SkillCategory[]]), // neither list is empty
		region: random.pick(areas as [Region, ...Region[]]),
		availability: some(random, PartOfDay.options, 3),
		rejectedBy: random.chance(0.2) ? some(random, staff, Math.min(experts, 4)).map(({ id }) => id) : [],
	}));
	return { now, tickets: waiting, experts: staff, visits };
}

/** One stretch or two that may touch; none on some days. */
function someHours(random: Random, day: number) {
	if (random.chance(0.2)) return [];
	const from = random.between(12, 30) * 30 * minutes;
	const middle = from + random.between(1, 10) * 30 * minutes;
	const later = middle + random.between(0, 3) * 30 * minutes;
	const parts = [
		{ day, from: from / minutes, to: middle / minutes },
		{ day, from: later / minutes, to: Math.min(later + 6 * hours, 1 * days) / minutes },
	];
	return random.chance(0.5) ? parts : parts.slice(0, 1);
}
