import { describe, expect, it } from "vitest";
import { periodAt, periodStart } from "./periods.ts";
import { Random } from "./testing/random.ts";
import { days } from "./time.ts";

const at = (text: string) => Date.parse(text);
const starts = (startsAt: string, count: number) =>
	Array.from({ length: count }, (_, n) => new Date(periodStart(at(startsAt), n)).toISOString().slice(0, 10));

describe("row 24: periods begin on the day of the plan, or on the last day of a month that is too short:", () => {
	it.each([
		["2026-01-31T10:00:00Z", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]],
		["2028-01-31T10:00:00Z", ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]],
		["2028-02-29T23:59:59Z", ["2028-02-29", "2028-03-29", "2028-04-29"]],
		["2027-11-30T00:00:00Z", ["2027-11-30", "2027-12-30", "2028-01-30", "2028-02-29", "2028-03-30"]],
		["2026-12-15T00:00:00Z", ["2026-12-15", "2027-01-15", "2027-02-15"]],
	])("from %s", (startsAt, expected) => {
		expect(starts(startsAt, expected.length)).toEqual(expected);
	});

	it("on 29 February again in the next leap year", () => {
		const year = (n: number) => new Date(periodStart(at("2028-02-29T12:00:00Z"), 12 * n)).toISOString().slice(0, 10);
		expect([1, 2, 3, 4].map(year)).toEqual(["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]);
	});

	it("backwards too", () => {
		expect(new Date(periodStart(at("2028-03-31T12:00:00Z"), -13)).toISOString()).toBe("2027-02-28T12:00:00.000Z");
	});

	it("at the same time of the day in UTC, whatever clocks do in summer", () => {
		for (let n = 0; n < 24; n++) {
			expect(new Date(periodStart(at("2026-01-28T01:30:00.123Z"), n)).toISOString()).toMatch(/T01:30:00\.123Z$/);
		}
	});
});

describe("row 24: whatever the start, each period adjoins the next:", () => {
	const random = new Random(24);
	const someStarts = [
		...Array.from({ length: 300 }, () => random.between(at("1999-01-01T00:00:00Z"), at("2101-01-01T00:00:00Z"))),
		// every end of a month, of the day and of the year, and 29 February
		...["2024", "2026", "2100"].flatMap((year) =>
			Array.from({ length: 12 }, (_, month) => Date.UTC(Number(year), month + 1, 1) - random.pick([1, 1000, days])),
		),
		at("2028-02-29T00:00:00Z"),
		at("2000-02-29T23:59:59.999Z"),
	];

	it("no gap, no overlap, each later than the one before and of 28 to 31 days", () => {
		for (const startsAt of someStarts) {
			expect(periodStart(startsAt, 0)).toBe(startsAt);
			for (let n = 0; n < 60; n++) {
				const [from, to] = [periodStart(startsAt, n), periodStart(startsAt, n + 1)];
				expect(to - from).toBeGreaterThanOrEqual(28 * days);
				expect(to - from).toBeLessThanOrEqual(31 * days);
				expect(periodAt(startsAt, from)).toEqual({ index: n, from, to });
				expect(periodAt(startsAt, to - 1)).toEqual({ index: n, from, to });
			}
		}
	});

	it("every moment lies in exactly one", () => {
		for (const startsAt of someStarts) {
			const moment = startsAt + random.between(0, 4000 * days);
			const { index, from, to } = periodAt(startsAt, moment);
			expect(from <= moment && moment < to).toBe(true);
			expect([periodStart(startsAt, index), periodStart(startsAt, index + 1)]).toEqual([from, to]);
		}
	});

	it("none before the first", () => {
		expect(() => periodAt(1000, 999)).toThrow(RangeError);
	});
});

describe("row 24: told by the calendar alone, month by month over ten years,", () => {
	/** The same day and time of another month, or its last day: what a calendar on the wall says. */
	function byCalendar(startsAt: number, n: number): string {
		const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T(.*)$/.exec(new Date(startsAt).toISOString()) ?? [];
		const months = Number(year) * 12 + Number(month) - 1 + n;
		const [thatYear, thatMonth] = [Math.floor(months / 12), (months % 12) + 1];
		const isLeap = thatYear % 4 === 0 && (thatYear % 100 !== 0 || thatYear % 400 === 0);
		const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
		const thatDay = Math.min(Number(day), lengths[thatMonth - 1] ?? 0);
		const two = (number: number) => String(number).padStart(2, "0");
		return `${thatYear}-${two(thatMonth)}-${two(thatDay)}T${time}`;
	}

	it.each([
		["the 31st", "2026-01-31T00:00:00.000Z"],
		["the 31st, in the last millisecond of the day", "2026-12-31T23:59:59.999Z"],
		["the 30th", "2026-04-30T12:00:00.000Z"],
		["29 February", "2028-02-29T00:00:00.000Z"],
		["29 February, before a century without one", "2096-02-29T08:00:00.000Z"],
		["the end of the year", "2026-12-31T00:00:00.000Z"],
		["the first day of the year", "2027-01-01T00:00:00.000Z"],
		["the hour that is skipped in Berlin", "2026-03-29T01:30:00.000Z"],
		["the hour that comes twice in Berlin", "2026-10-25T00:30:00.000Z"],
		["the hour that is skipped in New York", "2026-03-08T07:30:00.000Z"],
		["the hour that comes twice in New York", "2026-11-01T05:30:00.000Z"],
	])("from %s", (_, startsAt) => {
		for (let n = 0; n < 120; n++) {
			expect(new Date(periodStart(at(startsAt), n)).toISOString()).toBe(byCalendar(at(startsAt), n));
		}
	});

	it("every moment around the weekends when clocks change and the year ends is in exactly one period", () => {
		const random = new Random(2424);
		const moments = ["2026-03-08T07", "2026-03-29T01", "2026-10-25T01", "2026-11-01T06", "2026-12-31T23", "2028-02-29T00"];
		for (const moment of moments) {
			for (let hour = -36; hour <= 36; hour += 3) {
				const now = at(`${moment}:00:00Z`) + hour * 3_600_000;
				const startsAt = now - random.between(0, 4000 * days);
				const all = Array.from({ length: 140 }, (_, n) => [periodStart(startsAt, n), periodStart(startsAt, n + 1)] as const);
				const inside = all.flatMap(([from, to], n) => (from <= now && now < to ? [n] : []));
				expect(inside).toEqual([periodAt(startsAt, now).index]);
			}
		}
	});

	it("from any start", () => {
		const random = new Random(12);
		for (let i = 0; i < 500; i++) {
			const startsAt = random.between(at("2020-01-01T00:00:00Z"), at("2060-01-01T00:00:00Z"));
			const n = random.between(0, 120);
			expect(new Date(periodStart(startsAt, n)).toISOString()).toBe(byCalendar(startsAt, n));
		}
	});
});
