import { parseArgs } from "node:util";
import { hunt } from "./hunt.ts";

const { values } = parseArgs({
	options: { seed: { type: "string", default: "1" }, runs: { type: "string", default: "100000" } },
});
const [seed = 0, runs = 0] = [values.seed, values.runs].map(Number);
if (![seed, runs].every((value) => Number.isInteger(value) && value > 0)) {
	console.error("usage: npm run tokens -- --seed N --runs M");
	process.exit(2);
}

const { counts, findings } = await hunt(seed, runs);
console.log(`${"refused".padStart(9)}${"same".padStart(9)}${"whole".padStart(9)}  sort of token: mutation`);
for (const [name, count] of [...counts].sort(([a], [b]) => a.localeCompare(b))) {
	const cells = [count.refused, count["same meaning"], count.unchanged].map((cell) => String(cell).padStart(9));
	console.log(`${cells.join("")}  ${name}`);
}
for (const finding of findings) console.log(finding);
const verdict = findings.length > 0 ? `${findings.length} findings` : "none is believed that says anything else";
console.log(`${runs} mutated tokens of seed ${seed}: ${verdict}. Again: npm run tokens -- --seed ${seed} --runs ${runs}`);
if (findings.length > 0) process.exitCode = 1;
