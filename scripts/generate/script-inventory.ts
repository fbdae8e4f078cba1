import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { root } from "../run.ts";
import { builtScripts, type Script } from "./assets.ts";
import type { Generator } from "./generator.ts";

const path = "shared/ui/scripts.json";

/** The scripts of the portal, each with the pages that load it and why it is there (PCI DSS 6.4.3). */
const Inventory = v.array(
	v.strictObject({
		path: v.string(),
		integrity: v.string(),
		pages: v.pipe(v.array(v.string()), v.minLength(1)),
		why: v.pipe(v.string(), v.minLength(20)),
	}),
);

/** In words, how what was built differs from what somebody has looked at; nothing when it is the same. */
export function inventoryDifferences(inventory: unknown, built: readonly Script[]): string[] {
	const parsed = v.safeParse(Inventory, inventory);
	if (!parsed.success) return [`${path} is not a list of scripts, each with path, integrity, pages and why`];
	const isListed = ({ path, integrity }: Script) =>
		parsed.output.some((entry) => entry.path === path && entry.integrity === integrity);
	const isBuilt = (entry: Script) => built.some((script) => script.path === entry.path);
	const unlisted = built
		.filter((script) => !isListed(script))
		.map(
			(script) =>
				`${script.path} is not in ${path} as it is built. Look at what has changed, then enter by hand:\n` +
				`  "path": "${script.path}", "integrity": "${script.integrity}"`,
		);
	const gone = parsed.output.filter((entry) => !isBuilt(entry)).map((entry) => `${path} lists ${entry.path}, which is not built`);
	return [...unlisted, ...gone];
}

async function check(): Promise<string[]> {
	return inventoryDifferences(JSON.parse(await readFile(join(root, path), "utf8")), await builtScripts());
}

/** Nothing is written: a person looks at a script that has changed, and changes the inventory by hand. */
export const scriptInventory: Generator = {
	check,
	async write() {
		const differences = await check();
		if (differences.length > 0) throw new Error(differences.join("\n"));
	},
};
