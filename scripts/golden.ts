/**
 * `npm run golden -- <Type>` completes the golden event of a type, in the version that is sent, and signs its message.
 * Begin with a file that holds a sample of its data and nothing else.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { definitionOf, goldenMessage, goldenPath } from "./golden-message.ts";
import { root, run } from "./run.ts";

try {
	const [type] = process.argv.slice(2);
	if (!type) throw new Error("npm run golden -- <type of an event>");
	const path = goldenPath(type, definitionOf(type).version);
	const json = join(root, `${path}.json`);
	if (!existsSync(json)) {
		throw new Error(`There is no sample of ${type}'s data yet. Write { "data": { … } } into ${path}.json and run this again.`);
	}
	const { event, message } = await goldenMessage(type, JSON.parse(readFileSync(json, "utf8")));
	writeFileSync(json, JSON.stringify(event, null, "\t"));
	writeFileSync(join(root, `${path}.jws`), `${message}\n`);
	const { ok, output } = await run("biome", ["format", "--write", json]);
	if (!ok) throw new Error(output);
	console.log(`${path}.json\n${path}.jws`);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
