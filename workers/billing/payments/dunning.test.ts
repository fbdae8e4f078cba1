import { describe, expect, it } from "vitest";
import { days } from "../../../shared/time.ts";
import { afterDecline } from "./dunning.ts";

const soft = (declines: number, roundAt: number | null, now: number) =>
	afterDecline({ declines, roundAt }, { kind: "soft", startedAt: now, now });

describe("after a decline", () => {
	it("softly it is tried on days 3, 5 and 7 of the round, and no more", () => {
		expect([
			soft(0, null, 100),
			soft(1, 100, 100 + 3 * days),
			soft(2, 100, 100 + 5 * days),
			soft(3, 100, 100 + 7 * days),
		]).toEqual([
			{ declines: 1, roundAt: 100, attemptAt: 100 + 3 * days },
			{ declines: 2, roundAt: 100, attemptAt: 100 + 5 * days },
			{ declines: 3, roundAt: 100, attemptAt: 100 + 7 * days },
			{ declines: 4, roundAt: 100, attemptAt: null },
		]);
	});

	it("a day that is over is left out", () => {
		expect(soft(1, 100, 100 + 6 * days)).toMatchObject({ attemptAt: 100 + 7 * days });
		expect(soft(1, 100, 100 + 8 * days)).toMatchObject({ attemptAt: null });
	});

	it("one more decline is one day less, whenever it was", () => {
		expect(soft(2, 100, 101)).toMatchObject({ declines: 3, attemptAt: 100 + 7 * days });
	});

	it("hard it is not tried again by itself", () => {
		expect(afterDecline({ declines: 0, roundAt: null }, { kind: "hard", startedAt: 5, now: 6 })).toEqual({
			declines: 1,
			roundAt: 5,
			attemptAt: null,
		});
	});
});
