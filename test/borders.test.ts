import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, run } from "../scripts/run.ts";

interface Cruise {
	summary: { violations: { rule: { name: string }; from: string }[]; totalDependenciesCruised: number };
}

/** Checks a tree of the shape of ours against the borders. */
async function cruise(tree: string, folders: string[]): Promise<Cruise["summary"]> {
	const config = join(root, ".dependency-cruiser.mjs");
	const { output } = await run("depcruise", ["--config", config, "--output-type", "json", ...folders], { cwd: join(root, tree) });
	const { summary }: Cruise = JSON.parse(output);
	return summary;
}

it("refuses every forbidden import of test/borders by the name of its rule, and nothing else there", async () => {
	// given a small tree that breaks each rule once, beside imports that are allowed
	// when the borders are checked
	const { violations } = await cruise("test/borders", ["workers", "shared", "scripts"]);
	// then
	expect(violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort()).toEqual([
		"feature-is-entered-by-its-verbs: workers/customer/plans/another-store.ts",
		"itty-durable-behind-one-file: workers/customer/tickets/itty.ts",
		"no-circle: workers/customer/tickets/circle-back.ts",
		"no-node: workers/customer/tickets/node.ts",
		"platform-at-the-entry: workers/customer/tickets/platform.ts",
		"product-knows-no-test: shared/messaging/script.ts",
		"product-knows-no-test: shared/messaging/test-code.ts",
		"shared-knows-no-worker: shared/messaging/a-worker.ts",
		"wiring-knows-no-store: workers/customer/app.ts",
		"workers-know-no-other-worker: workers/customer/tickets/another-worker.ts",
		// however it is imported
		"workers-know-no-other-worker: workers/customer/ways/at-run-time.ts",
		"workers-know-no-other-worker: workers/customer/ways/page.tsx",
		"workers-know-no-other-worker: workers/customer/ways/side-effect.ts",
		"workers-know-no-other-worker: workers/customer/ways/type-only.ts",
		"workers-know-no-other-worker: workers/customer/ways/value.ts",
	]);
});

it("finds nothing to refuse in the product, and does see its imports", async () => {
	const { violations, totalDependenciesCruised } = await cruise(".", ["workers", "shared"]);
	expect(violations).toEqual([]);
	expect(totalDependenciesCruised).toBeGreaterThan(200);
});

it("leaves no gap for a type imported in place: what the check of the borders does not see, lint refuses", async () => {
	// given the configuration of the linter, and a Worker that reaches into another for a type
	const house = await mkdtemp(join(tmpdir(), "borders-"));
	for (const path of ["biome.jsonc", ".gitignore", "scripts/lint"])
		await cp(join(root, path), join(house, path), { recursive: true });
	await writeFile(join(house, "in-place.ts"), 'export type Id = import("./workers/sysops/tickets/ticket.ts").Ticket["id"];\n');
	// when
	const lint = await run("biome", ["lint"], { cwd: house });
	await rm(house, { recursive: true });
	// then
	expect(lint.ok).toBe(false);
	expect(lint.output).toContain("where the check of the borders sees it");
});
