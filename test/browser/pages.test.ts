import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { sizes } from "./chromium.ts";
import { expectGood } from "./expect-good.ts";
import { openSite, type Site } from "./site.ts";
import { tour } from "./tour.ts";

let site: Site;
beforeAll(async () => {
	site = await openSite(inject("stack"));
});
afterAll(() => site.close());

test("on a phone a stranger's links stand beside the name, and an address breaks before its domain", async () => {
	const { page } = await site.open({ size: "phone" });
	await page.goto("/sign-in");
	const [name, link] = [page.getByRole("link", { name: "Sysops Squad" }), page.getByRole("link", { name: "Contracts" })];
	const middleOf = async (part: Locator) => {
		const box = await part.boundingBox();
		return box && box.y + box.height / 2;
	};
	expect(await middleOf(link)).toBeCloseTo((await middleOf(name)) ?? 0, 0);
	await page.setViewportSize({ width: 195, height: 422 }); // as with letters of twice the size
	expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(195);
	await page.setViewportSize(sizes.phone);

	await page.getByLabel("E-mail address").fill("somebodywithaverylongname@penultimateelectronics.example");
	await page.getByRole("button", { name: "Send me a code" }).click();
	const address = page.locator("bdi");
	await address.waitFor();
	const [first, second] = ((await address.textContent()) ?? "").split("@");
	const lines: unknown = await page.evaluate(`(() => {
		const range = document.createRange();
		return [...document.querySelector("bdi").childNodes].filter((node) => node.nodeType === 3).map((node) => {
			range.selectNodeContents(node);
			return range.getClientRects().length;
		});
	})()`);
	expect([first, second, lines]).toEqual(["somebodywithaverylongname", "penultimateelectronics.example", [1, 1]]);
});

describe.each([
	{ size: "phone", colorScheme: "dark" },
	{ size: "desktop", colorScheme: "light" },
] as const)("every page at $size size, $colorScheme,", (look) => {
	test("is accessible, no wider than the screen, and quiet", { timeout: 300_000 }, async () => {
		const visit = await site.open(look);
		const seen: string[] = [];
		for await (const name of tour(site, visit)) {
			await expectGood(visit, look);
			expect(visit.troubles, name).toEqual([]);
			seen.push(name);
		}
		expect(new Set(seen).size).toBe(seen.length);
		expect(seen.length).toBeGreaterThan(60);
	});
});
