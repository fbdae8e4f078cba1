import { describe, expect, it } from "vitest";
import { hours, minutes } from "../../../shared/time.ts";
import { pauseAfter, stepWhenMissing } from "./refund.ts";

const [asked, forgotten] = [1000, 1000 + 23 * hours];
const progress = { startedAt: asked, missedAt: null };

describe("a look at a refund", () => {
	it.each([
		["is asked again under its key while the provider remembers it", {}, forgotten - 1, "ask"],
		["waits for a second look after that", {}, forgotten, "wait"],
		["and is then asked anew", { missedAt: forgotten }, forgotten + 1, "ask_anew"],
	] as const)("what is missing %s", (_, more, now, step) => {
		expect(stepWhenMissing({ ...progress, ...more }, now)).toBe(step);
	});

	it("is followed by another one in five minutes, and later ones six hours apart", () => {
		expect([1, 2, 3, 7, 8, 9, 1000].map(pauseAfter)).toEqual([
			5 * minutes,
			10 * minutes,
			20 * minutes,
			320 * minutes,
			6 * hours,
			6 * hours,
			6 * hours,
		]);
	});
});
