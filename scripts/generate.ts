/**
 * Writes everything that is generated: `npm run generate`, or `npm run generate -- --name add_x` to name a new
 * migration. With `--check` it only says what is out of date, and fails if anything is.
 */
import { parseArgs } from "node:util";
import { assets } from "./generate/assets.ts";
import { bindings } from "./generate/bindings.ts";
import { lockfile } from "./generate/lockfile.ts";
import { migrations } from "./generate/migrations.ts";
import { openapi } from "./generate/openapi.ts";
import { queues } from "./generate/queues.ts";
import { scriptInventory } from "./generate/script-inventory.ts";

const { values } = parseArgs({ options: { check: { type: "boolean", default: false }, name: { type: "string" } } });
const generators = [queues, bindings, migrations, assets, openapi, lockfile, scriptInventory]; // the bindings follow from the queues

if (values.check) {
	const outdated: string[] = [];
	for (const generator of generators) outdated.push(...(await generator.check()));
	for (const line of outdated) console.error(line);
	if (outdated.length > 0) {
		console.error("bring it up to date with: npm run generate");
		process.exitCode = 1;
	}
} else {
	for (const generator of generators) await generator.write({ migrationName: values.name });
}
