import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { expectGood } from "./expect-good.ts";
import { openSite, type Site } from "./site.ts";
import { tour } from "./tour.ts";

let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

describe.each([
	{ size: "phone", colorScheme: "dark" },
	{ size: "desktop", colorScheme: "light" },
] as const)("every page at $size size, $colorScheme,", (look) => {
	test("is accessible, no wider than the screen, and quiet", { timeout: 180_000 }, async () => {
		const visit = await site.open(look);
		const seen: string[] = [];
		for await (const name of tour(site, visit)) {
			await expectGood(visit, look);
			expect(visit.troubles, name).toEqual([]);
			seen.push(name);
		}
		expect(new Set(seen).size).toBe(seen.length);
		expect(seen.length).toBeGreaterThan(35);
	});
});
