import { type ExpertRow, expertOf } from "./expert.ts";

const clock = (minutes: number) =>
	`${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const instant = (at: number) => new Date(at).toISOString();

/** An expert as the staff see one: times of the day as `HH:MM` in UTC, others as ISO 8601 instants. */
export function expertView(row: ExpertRow) {
	const { id, name, email, active, skills, regions, hours, absences, capacity, version } = expertOf(row);
	return {
		id,
		version,
		name,
		email,
		active,
		skills,
		regions,
		hours: hours.map(({ day, from, to }) => ({ day, from: clock(from), to: clock(to) })),
		absences: absences.map(({ from, to }) => ({ from: instant(from), to: instant(to) })),
		capacity,
	};
}
export type ExpertView = ReturnType<typeof expertView>;
