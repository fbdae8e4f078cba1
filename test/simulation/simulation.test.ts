import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { root } from "../../scripts/run.ts";
import { catchBug } from "./catch-bug.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { simulate } from "./simulate.ts";

/** What `npm run simulate` prints; rejects when a promise was broken. */
async function run(seed: number, runs: number): Promise<string> {
	const args = ["test/simulation/cli.ts", "--seed", String(seed), "--runs", String(runs), "--customers", "20"];
	return (await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 2 ** 30 })).stdout;
}

describe("a world in which everything fails that can", () => {
	it("keeps every promise to 20 customers in each of 500 seeds", async () => {
		const halves = await Promise.all([run(1, 250), run(251, 250)]);
		for (const half of halves) expect(half).toContain("250 runs of 20 customers");
	});

	it("goes the same way again for the same seed, and another way for another", async () => {
		const [first, again, other] = [
			await simulate(7, { tracing: true }),
			await simulate(7, { tracing: true }),
			await simulate(8, { tracing: true }),
		];
		expect(again.trace).toEqual(first.trace);
		expect(again.fingerprint).toBe(first.fingerprint);
		expect(other.fingerprint).not.toBe(first.fingerprint);
	});
});

describe("the simulation catches a planted bug:", () => {
	// those of payments are looked for in worlds of money
	it.concurrent.each(plantedBugs.filter(({ isOfMoney }) => !isOfMoney))("$name", async (bug) => {
		expect(await catchBug(bug)).toMatch(/^Seed \d+: /);
	});
});
