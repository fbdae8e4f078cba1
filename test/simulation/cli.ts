import { parseArgs } from "node:util";

const { kinds, simulate } = await import("./simulate.ts");

const { values } = parseArgs({
	options: {
		seed: { type: "string", default: "1" },
		runs: { type: "string", default: "1" },
		customers: { type: "string" },
		/** Worlds of plans, cards and what they cost, instead of everything. */
		money: { type: "boolean", default: false },
		trace: { type: "boolean", default: false },
		/** Which promise is broken, and nothing of how it came to that. */
		brief: { type: "boolean", default: false },
	},
});
const kind = values.money ? "money" : "general";
const [seed, runs, customers] = [values.seed, values.runs, values.customers ?? kinds[kind].customers].map(Number);
if (![seed, runs, customers].every((value) => Number.isInteger(value) && Number(value) > 0)) {
	console.error("usage: npm run simulate -- --seed N --runs M [--money] [--customers C] [--trace]");
	process.exit(2);
}

const checked: Record<string, number> = {};
const happened: Record<string, number> = {};
const add = (totals: Record<string, number>, counts: Readonly<Record<string, number>>) => {
	for (const [what, count] of Object.entries(counts)) totals[what] = (totals[what] ?? 0) + count;
};
const print = (totals: Record<string, number>) => {
	for (const [what, count] of Object.entries(totals)) console.log(`${String(count).padStart(9)}  ${what}`);
};
let broken = false;
for (let i = 0; i < Number(runs) && !broken; i++) {
	const outcome = await simulate(Number(seed) + i, { kind, customers: Number(customers), tracing: values.trace });
	add(checked, outcome.checked);
	add(happened, outcome.happened);
	if (values.trace) console.log(outcome.trace.join("\n"));
	if (outcome.violations.length === 0) continue;

	const replay = values.brief ? undefined : await simulate(outcome.seed, { kind, customers: Number(customers), tracing: true });
	if (replay && !values.trace) console.log(replay.trace.join("\n"));
	console.log(`\nSeed ${outcome.seed} breaks a promise:`);
	for (const violation of outcome.violations) console.log(`  ${violation}`);
	broken = true;
	if (!replay) continue;
	const same =
		replay.fingerprint === outcome.fingerprint ? "The replay above went the same way." : "THE REPLAY WENT ANOTHER WAY.";
	console.log(
		`${same} Again: npm run simulate -- --seed ${outcome.seed} --runs 1 ${values.money ? "--money " : ""}--customers ${customers} --trace`,
	);
}
if (broken) process.exitCode = 1;
else {
	console.log(`${runs} ${values.money ? "money " : ""}runs of ${customers} customers from seed ${seed}: every promise was kept.`);
	print(checked);
	console.log("They went through:");
	print(happened);
}
