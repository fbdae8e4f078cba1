import { expect } from "vitest";
import { axe, type Looks, sizes, type Visit } from "./chromium.ts";

/** A page as it is to be for everybody: axe finds nothing (where scripts may run) and no sideways scrolling. */
export async function expectGood({ page }: Visit, { script = true, size = "desktop" }: Looks = {}): Promise<void> {
	await page.waitForLoadState();
	if (script) expect(await axe(page), page.url()).toEqual([]);
	const width: unknown = await page.evaluate("document.documentElement.scrollWidth");
	expect(width, page.url()).toBe(sizes[size].width);
}

/** The same on the narrowest phone, of a page that stands there at desktop size. */
export async function expectGoodOnNarrow({ page }: Visit): Promise<void> {
	await page.setViewportSize({ width: 320, height: 568 });
	expect(await axe(page), page.url()).toEqual([]);
	expect(await page.evaluate("document.documentElement.scrollWidth"), page.url()).toBe(320);
	await page.setViewportSize(sizes.desktop);
}
