import { type regions, SkillCategory } from "../../shared/events/customer.ts";

interface DemoExpert {
	/** The local part of the e-mail. */
	readonly login: string;
	readonly name: string;
	readonly skills: Readonly<Partial<Record<SkillCategory, 1 | 2 | 3>>>;
	/** The home region first. */
	readonly regions: readonly (typeof regions)[number][];
	readonly hours: readonly { readonly day: number; readonly from: number; readonly to: number }[];
	readonly capacity: number;
	readonly absences?: readonly { readonly from: number; readonly to: number }[];
	readonly active?: false;
}

/** On these days, from one full hour (UTC) to the other. */
const each = (days: readonly number[], from: number, to: number) => days.map((day) => ({ day, from: from * 60, to: to * 60 }));
const [weekdays, allDays] = [
	[1, 2, 3, 4, 5],
	[1, 2, 3, 4, 5, 6, 7],
];
const everything = Object.fromEntries(SkillCategory.options.map((category) => [category, 1]));

/** Away from 21 to 27 December 2026: a full week from Monday on. */
const holidays = [{ from: Date.UTC(2026, 11, 21), to: Date.UTC(2026, 11, 28) }];

/** In the north, where the demo customers live, there is somebody for everything. A new one is added at the end: the place is the id. */
const team: readonly DemoExpert[] = [
	{
		login: "tv",
		name: "Mary Example",
		skills: { television: 3, gaming: 1 },
		regions: ["north", "east"],
		hours: each(weekdays, 8, 18),
		capacity: 4,
	},
	{
		login: "audio",
		name: "Alan Example",
		skills: { audio: 3, television: 1 },
		regions: ["north", "west"],
		hours: each(weekdays, 10, 20),
		capacity: 3,
	},
	{
		login: "computer",
		name: "Joan Example",
		skills: { computer: 3, network: 2 },
		regions: ["north", "central"],
		hours: each(weekdays, 8, 16),
		capacity: 4,
	},
	{
		login: "phone",
		name: "Otto Example",
		skills: { phone: 3, smart_home: 1 },
		regions: ["south", "north"],
		hours: each([1, 2, 3, 4, 5, 6], 8, 20),
		capacity: 6,
	},
	{
		login: "network",
		name: "Lynn Example",
		skills: { network: 3, smart_home: 3 },
		regions: ["north", "central"],
		hours: each(weekdays, 12, 20),
		capacity: 3,
	},
	{
		login: "appliance",
		name: "Karl Example",
		skills: { appliance: 3 },
		regions: ["north", "east"],
		hours: each(weekdays, 8, 18),
		capacity: 4,
		absences: holidays,
	},
	{
		login: "gaming",
		name: "Nina Example",
		skills: { gaming: 3, computer: 2 },
		regions: ["west", "north"],
		hours: each([4, 5, 6, 7], 14, 20),
		capacity: 3,
	},
	{
		login: "household",
		name: "Rosa Example",
		skills: everything,
		regions: ["central", "north", "east", "south", "west"],
		hours: each(allDays, 8, 20),
		capacity: 6,
	},
	{
		login: "former",
		name: "Hugo Example",
		skills: { television: 3, audio: 3 },
		regions: ["north"],
		hours: each(weekdays, 8, 20),
		capacity: 4,
		active: false,
	},
];

const emailOf = ({ login }: DemoExpert) => `${login}@penultimate.example`;

/** Rows of sysops' `experts`: who is sent in every local stack. */
export const demoExperts = team.map((expert, i) => ({
	id: `exp_00${String(i + 1).padStart(26, "0")}`,
	name: expert.name,
	email: emailOf(expert),
	active: expert.active === false ? 0 : 1,
	skills: JSON.stringify(expert.skills),
	regions: JSON.stringify(expert.regions),
	hours: JSON.stringify(expert.hours),
	absences: JSON.stringify(expert.absences ?? []),
	capacity: expert.capacity,
	version: 1,
	checked_version: 1,
}));

/** They sign in at sysops only. */
export const demoExpertStaff = team.map((expert) => ({ email: emailOf(expert), role: "expert" as const }));
