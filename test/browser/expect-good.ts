import { expect } from "vitest";
import { axe, type Looks, sizes, type Visit } from "./chromium.ts";

/** A page as it is to be for everybody: axe finds nothing (where scripts may run) and no sideways scrolling. */
export async function expectGood({ page }: Visit, { script = true, size = "desktop" }: Looks = {}): Promise<void> {
	await page.waitForLoadState();
	if (script) expect(await axe(page), page.url()).toEqual([]);
	const width: unknown = await page.evaluate("document.documentElement.scrollWidth");
	expect(width, page.url()).toBe(sizes[size].width);
}
