/** What periods are and cost, worked out as a person with a calendar would: on purpose without the product's own arithmetic. */

/** The newest picture of a plan. */
export interface OraclePlan {
	readonly startsAt: number;
	/** Exclusive; null while it goes on. */
	readonly endsAt: number | null;
	readonly phases: readonly {
		readonly from: number;
		readonly lines: readonly { contractId: string; contractVersion: number }[];
	}[];
}

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const lengthOf = (year: number, month: number) => (month === 1 && isLeap(year) ? 29 : (lengths[month] ?? 31));
const padded = (number: number, length = 2) => `${number}`.padStart(length, "0");

/** The same day and time so many months later, or the last day of a month that is too short. Month after month, on paper. */
function monthsLater(startsAt: number, months: number): number {
	const written = new Date(startsAt).toISOString(); // 2026-01-31T07:00:00.000Z
	let [year, month] = [Number(written.slice(0, 4)), Number(written.slice(5, 7)) - 1];
	for (let i = 0; i < months; i++) {
		month += 1;
		if (month === 12) [year, month] = [year + 1, 0];
	}
	const day = Math.min(Number(written.slice(8, 10)), lengthOf(year, month));
	return Date.parse(`${padded(year, 4)}-${padded(month + 1)}-${padded(day)}${written.slice(10)}`);
}

/** When each period begins that has begun before `until`, while the plan runs. */
export function beginnings({ startsAt, endsAt }: OraclePlan, until: number): number[] {
	const found: number[] = [];
	for (let from = startsAt; from < until && (endsAt === null || from < endsAt); from = monthsLater(startsAt, found.length)) {
		found.push(from);
	}
	return found;
}

/** Before tax; nothing for a period that begins when the plan has ended. Undefined when a price is not known. */
export function costOf(
	{ endsAt, phases }: OraclePlan,
	from: number,
	priceOf: (contractId: string, version: number) => number | undefined,
): number | undefined {
	if (endsAt !== null && from >= endsAt) return 0;
	const phase = phases.filter((one) => one.from <= from).at(-1);
	let sum: number | undefined = 0;
	for (const { contractId, contractVersion } of phase?.lines ?? []) {
		const price = priceOf(contractId, contractVersion);
		sum = price === undefined || sum === undefined ? undefined : sum + price;
	}
	return sum;
}

const rates: Readonly<Record<string, bigint>> = { north: 1900n, south: 700n };

/** Half a minor unit is rounded up. */
export function taxOf(netMinor: number, region: string | null): number {
	const [whole, rest] = [BigInt(netMinor) * (rates[region ?? ""] ?? 0n), 10_000n];
	return Number(whole / rest + (2n * (whole % rest) >= rest ? 1n : 0n));
}
