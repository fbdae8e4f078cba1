import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/run.ts";
import { catchBug } from "./catch-bug.ts";
import { plantedBugsOfPayments } from "./planted-bugs-of-payments.ts";
import { simulateMoney } from "./simulate.ts";

/** What `npm run simulate -- --money` prints; rejects when a promise was broken. */
async function run(seed: number, runs: number): Promise<string> {
	const args = ["test/simulation/cli.ts", "--money", "--seed", String(seed), "--runs", String(runs)];
	return (await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 2 ** 30 })).stdout;
}

const faults = [
	"crashes",
	"shards of billing put back",
	"alarms that the platform gave up",
	"objects evicted",
	"calls that came to the provider late",
	"charges asked for again",
];

describe("months in which plans are charged, and everything fails that can", () => {
	it("keep every promise in each of 500 seeds", async () => {
		const halves = await Promise.all([run(1, 250), run(251, 250)]);
		for (const half of halves) {
			expect(half).toContain("250 money runs of 5 customers");
			// and there was something to keep them against
			for (const fault of faults) expect(half).toMatch(new RegExp(`^ +[1-9]\\d* +${fault}$`, "m"));
		}
	});

	it("go the same way again for the same seed, and another way for another", async () => {
		const [first, again, other] = [
			await simulateMoney(7, { tracing: true }),
			await simulateMoney(7, { tracing: true }),
			await simulateMoney(8, { tracing: true }),
		];
		expect(again.trace).toEqual(first.trace);
		expect(again.fingerprint).toBe(first.fingerprint);
		expect(other.fingerprint).not.toBe(first.fingerprint);
	});
});

describe("the simulation of money catches a planted bug:", () => {
	it.concurrent.each(plantedBugsOfPayments)("$name", async (bug) => {
		expect(await catchBug(bug)).toMatch(/^Seed \d+: /);
	});
});
