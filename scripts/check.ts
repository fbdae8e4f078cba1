/**
 * `npm run check`: everything about the code that needs no running of it. A green step prints one line, a red one what
 * its tool said. `npm run check -- lint borders` runs some of the steps.
 */
import { run } from "./run.ts";

interface Step {
	readonly name: string;
	readonly tool: string;
	readonly args: readonly string[];
	/** Output that makes the step red even when its tool ends 0. */
	readonly refused?: RegExp;
}

const steps: readonly Step[] = [
	{ name: "generated", tool: "node", args: ["scripts/generate.ts", "--check"] },
	{ name: "bundles", tool: "node", args: ["scripts/check-bundles.ts"] },
	{ name: "types", tool: "tsc", args: ["-p", "."] },
	{ name: "node-types", tool: "tsc", args: ["-p", "tsconfig.node.json"] },
	{ name: "test-types", tool: "tsc", args: ["-p", "tsconfig.test.json"] },
	{ name: "browser-types", tool: "tsc", args: ["-p", "tsconfig.browser.json"] },
	// Biome ends 0 with findings of level info: here nothing is below an error
	{ name: "lint", tool: "biome", args: ["check", "--error-on-warnings"], refused: /^Found \d+ (info|warning)/m },
	{ name: "borders", tool: "depcruise", args: ["--config", ".dependency-cruiser.mjs", "workers", "shared", "scripts"] },
	{ name: "dead-code", tool: "knip", args: ["--treat-config-hints-as-errors"] },
];

/** The longest first, two at a time: what it is given is two cores. */
const concurrency = 2;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
	console.error(`no step ${unknown.join(", ")}; there are: ${steps.map(({ name }) => name).join(", ")}`);
	process.exit(2);
}

async function runStep({ name, tool, args, refused }: Step): Promise<void> {
	const start = performance.now();
	const { ok, output } = await run(tool, args);
	const seconds = ((performance.now() - start) / 1000).toFixed(1);
	const green = ok && !refused?.test(output);
	console.log(`${green ? "ok " : "RED"} ${name.padEnd(10)} ${seconds.padStart(5)} s`);
	if (green) return;
	console.log(output.trimEnd());
	process.exitCode = 1;
}

const left = steps.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const lane = async () => {
	for (let step = left.shift(); step; step = left.shift()) await runStep(step);
};
await Promise.all(Array.from({ length: concurrency }, lane));
