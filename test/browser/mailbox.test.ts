import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { axe, sizes } from "./chromium.ts";
import { openSite, type Site } from "./site.ts";

let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

describe.each(["phone", "desktop"] as const)("the mailbox page at %s size", (size) => {
	test.each(["light", "dark"] as const)("is accessible and quiet, %s", async (colorScheme) => {
		// when a developer opens it
		const { page, troubles } = await site.open({ size, colorScheme });
		await page.goto("/__dev/mail?to=nobody@penultimate.example");

		// then it says what it shows, axe finds nothing, and nothing went wrong
		expect(await page.locator("main").textContent()).toContain("Nothing has been sent to nobody@penultimate.example.");
		expect(await axe(page)).toEqual([]);
		expect(troubles).toEqual([]);

		// and it is no wider than the screen
		expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(sizes[size].width);
	});
});
