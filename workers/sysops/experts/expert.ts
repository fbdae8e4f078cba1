import type { regions, SkillCategory } from "../../../shared/events/customer.ts";
import { days, minutes } from "../../../shared/time.ts";

export type Level = 1 | 2 | 3;
export type Region = (typeof regions)[number];

/** Half-open, in milliseconds since 1970. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

/** A part of every week: the day from 1, Monday, to 7; minutes of the UTC day, half-open. */
export interface Hours extends Span {
	readonly day: number;
}

/** Of an expert, what decides about visits. */
export interface Availability {
	readonly active: boolean;
	readonly hours: readonly Hours[];
	readonly absences: readonly Span[];
}

export interface Expert extends Availability {
	readonly id: string;
	/** As customers read it. */
	readonly name: string;
	/** Lower case. */
	readonly email: string;
	readonly skills: Readonly<Partial<Record<SkillCategory, Level>>>;
	/** The home region first. */
	readonly regions: readonly Region[];
	/** Visits a UTC day at most. */
	readonly capacity: number;
	/** 1, 2, 3…: what a change or an assignment is based on. */
	readonly version: number;
}

/** Active ones, so that an assignment is one small problem. A company with more of them has regions of its own. */
export const mostActiveExperts = 500;

export interface ExpertRow {
	id: string;
	name: string;
	email: string;
	active: number;
	skills: string;
	regions: string;
	hours: string;
	absences: string;
	capacity: number;
	version: number;
}

/** Columns that only the verbs of this folder write, each out of the type that it is read as. */
export const availabilityOf = ({ active, hours, absences }: Pick<ExpertRow, "active" | "hours" | "absences">): Availability => ({
	active: active === 1,
	hours: JSON.parse(hours) as Hours[],
	absences: JSON.parse(absences) as Span[],
});

export const expertOf = (row: ExpertRow): Expert => ({
	...row,
	...availabilityOf(row),
	skills: JSON.parse(row.skills) as Expert["skills"], // written by the same verbs
	regions: JSON.parse(row.regions) as Region[],
});

/** From 1, Monday, to 7: 1970 began on a Thursday. */
const dayOfWeek = (at: number) => ((Math.floor(at / days) + 3) % 7) + 1;

/** Is the expert at work from `from` to `to`, which are of one UTC day? */
export function isAtWork(expert: Availability, { from, to }: Span): boolean {
	return (
		expert.active && isWithinHours(expert.hours, from, to) && !expert.absences.some((away) => away.from < to && from < away.to)
	);
}

function isWithinHours(hours: readonly Hours[], from: number, to: number): boolean {
	const midnight = Math.floor(from / days) * days;
	let covered = (from - midnight) / minutes;
	// Hours that touch are one: they stand in the order of time.
	for (const part of hours) {
		if (part.day === dayOfWeek(from) && part.from <= covered && covered < part.to) covered = part.to;
	}
	return covered >= (to - midnight) / minutes;
}
