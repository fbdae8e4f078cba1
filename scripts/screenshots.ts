/**
 * `npm run screenshots`: every page of the portal in every state, at phone and desktop size, light and dark, into the
 * git-ignored folder `screenshots`. To be looked at.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openSite, startStack } from "../test/browser/site.ts";
import { tour } from "../test/browser/tour.ts";
import { root } from "./run.ts";

const folder = join(root, "screenshots");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);

const { address, end } = await startStack();
const site = await openSite(address);
try {
	for (const size of ["phone", "desktop"] as const) {
		for (const colorScheme of ["light", "dark"] as const) {
			const visit = await site.open({ size, colorScheme });
			let count = 0;
			for await (const name of tour(site, visit)) {
				await visit.page.waitForLoadState();
				count += 1;
				const file = `${String(count).padStart(2, "0")}-${name}-${size}-${colorScheme}.png`;
				await visit.page.screenshot({ path: join(folder, file), fullPage: true });
			}
			for (const trouble of visit.troubles) console.error(trouble);
			await visit.context.close();
			console.log(`${count} pages at ${size} size, ${colorScheme}`);
		}
	}
} finally {
	await site.close();
	await end();
}
