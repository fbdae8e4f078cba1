import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import scripts from "../../shared/ui/scripts.json" with { type: "json" };
import { sizes, type Visit } from "./chromium.ts";
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

/** Every script of the page as the browser has it, each in a line as the inventory would have it. */
const scriptsOn = async ({ page }: Visit): Promise<string[]> => {
	// a code is sent to an address that only answers forms, with the page that had the form
	const path = new URL(page.url()).pathname.replace(/\/code$/, "");
	const found: unknown = await page.evaluate(
		"[...document.scripts].map((s) => [s.src.slice(location.origin.length), s.integrity, s.crossOrigin + s.text].join(' '))",
	);
	return (found as string[]).map((script) => `${path} ${script}`); // an array of texts
};

/** PCI DSS 6.4.3. */
const inventory = scripts.flatMap(({ path, integrity, pages }) => pages.map((page) => `${page} ${path} ${integrity} anonymous`));

describe.each([
	{ size: "phone", colorScheme: "dark" },
	{ size: "desktop", colorScheme: "light" },
] as const)("every page at $size size, $colorScheme,", (look) => {
	test("is accessible, no wider than the screen, quiet, and has the scripts of the inventory and no other", {
		timeout: 300_000,
	}, async () => {
		const visit = await site.open(look);
		const seen: string[] = [];
		const run: string[] = [];
		for await (const name of tour(site, visit)) {
			await expectGood(visit, look);
			expect(visit.troubles, name).toEqual([]);
			seen.push(name);
			run.push(...(await scriptsOn(visit)));
		}
		expect(new Set(seen).size).toBe(seen.length);
		expect(seen.length).toBeGreaterThan(90);
		expect([...new Set(run)].sort()).toEqual(inventory.toSorted());
	});
});
