/** A period of a plan: from `from` until before `to`, in milliseconds since 1970, UTC. */
export interface Period {
	/** 0 for the first. */
	readonly index: number;
	readonly from: number;
	readonly to: number;
}

/**
 * When the period `n` of something begins that began at `startsAt`: `n` months later (earlier if negative) on the same
 * day and at the same time, UTC, or on the last day of a month that is too short: 31 January, 28 February, 31 March.
 */
export function periodStart(startsAt: number, n: number): number {
	const start = new Date(startsAt);
	const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + n];
	const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
	return Date.UTC(year, month, Math.min(start.getUTCDate(), lastDay)) + timeOfDay(start);
}

/** The period in which `at` lies. Throws a `RangeError` for a time before `startsAt`. */
export function periodAt(startsAt: number, at: number): Period {
	if (at < startsAt) throw new RangeError("no period has begun yet");
	const [start, then] = [new Date(startsAt), new Date(at)];
	const months = (then.getUTCFullYear() - start.getUTCFullYear()) * 12 + then.getUTCMonth() - start.getUTCMonth();
	const index = periodStart(startsAt, months) > at ? months - 1 : months; // that one begins in the month of `at`
	return { index, from: periodStart(startsAt, index), to: periodStart(startsAt, index + 1) };
}

/**
 * The last day (UTC) of a half-open period, as people count: the one before the day on which the next begins, so that no
 * day is in two of them. An instant of it.
 */
export function lastDayOf({ from, to }: { readonly from: number; readonly to: number }): number {
	const end = new Date(to);
	return Math.max(from, to - timeOfDay(end) - 1);
}

function timeOfDay(date: Date): number {
	return date.getTime() - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}
