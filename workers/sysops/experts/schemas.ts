import * as v from "valibot";
import { regions, type SkillCategory } from "../../../shared/events/customer.ts";
import { PageQuery } from "../../../shared/http/page.ts";
import { line } from "../../../shared/http/texts.ts";
import { EmailAddress } from "../../../shared/identity.ts";
import { idPattern } from "../../../shared/ids.ts";

const Level = v.optional(v.picklist([1, 2, 3]));

/** From 1, a beginner's, to 3. */
const Skills = v.pipe(
	v.strictObject({
		television: Level,
		audio: Level,
		computer: Level,
		phone: Level,
		network: Level,
		appliance: Level,
		smart_home: Level,
		gaming: Level,
	} satisfies Record<SkillCategory, typeof Level>),
	v.check((skills) => Object.values(skills).some((level) => level !== undefined), "at least one skill"),
);

/** `HH:MM` of the UTC day, up to 24:00, as minutes. */
const Time = v.pipe(
	v.string(),
	v.regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/),
	v.transform((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))),
);
/** ISO 8601 with an offset or Z, as milliseconds since 1970. */
const Instant = v.pipe(
	v.string(),
	v.maxLength(40),
	v.isoTimestamp(),
	v.transform((instant) => Date.parse(instant)),
	v.number(),
	v.integer(),
	v.minValue(0),
);

const Part = v.pipe(
	v.strictObject({ day: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)), from: Time, to: Time }),
	v.check(({ from, to }) => from < to, "from before to"),
);

/** Parts of the week, in whatever order; they may touch and not overlap. They come out in the order of time. */
const Hours = v.pipe(
	v.array(Part),
	v.minLength(1),
	v.maxLength(28),
	v.transform((parts) => [...parts].sort((a, b) => a.day - b.day || a.from - b.from)),
	v.check(
		(parts) => parts.every((part, i) => parts[i - 1]?.day !== part.day || (parts[i - 1]?.to ?? 0) <= part.from),
		"no overlap",
	),
);

const Absences = v.pipe(
	v.array(
		v.pipe(
			v.strictObject({ from: Instant, to: Instant }),
			v.check(({ from, to }) => from < to, "from before to"),
		),
	),
	v.maxLength(50),
	v.transform((absences) => [...absences].sort((a, b) => a.from - b.from || a.to - b.to)),
);

/** The body of `POST experts`. */
export const NewExpert = v.strictObject({
	name: line(120),
	email: EmailAddress,
	active: v.boolean(),
	skills: Skills,
	/** The home region first. */
	regions: v.pipe(
		v.array(v.picklist(regions)),
		v.minLength(1),
		v.maxLength(regions.length),
		v.check((all) => new Set(all).size === all.length, "each once"),
	),
	hours: Hours,
	absences: Absences,
	/** Visits a UTC day at most: there are six windows. */
	capacity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(6)),
});
export type NewExpert = v.InferOutput<typeof NewExpert>;

/** The body of `PUT experts/{id}`: all of it anew, and the version that was read. */
export const ChangedExpert = v.strictObject({
	...NewExpert.entries,
	basedOn: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
});
export type ChangedExpert = v.InferOutput<typeof ChangedExpert>;

/** The query of the list: a page of all experts, or of those who are active, or of those who are not. */
export const ListQuery = v.object({ ...PageQuery.entries, active: v.optional(v.picklist(["true", "false"])) });

/** The query of `GET visits`: whose, unless the own ones are meant. */
export const VisitQuery = v.object({
	...PageQuery.entries,
	expert: v.optional(v.pipe(v.string(), v.regex(idPattern("exp")))),
});
