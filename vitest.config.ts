import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { configs, type DeployedWorker, deployedWorkers } from "./scripts/workers.ts";
import { testBindings } from "./shared/testing/bindings.ts";

// wrangler warns in every file that secrets are missing, which the bindings below replace; its errors still show
process.env["WRANGLER_LOG"] ??= "error";

/** The migrations of the Workers' databases, under the names that shared/testing/env.d.ts declares. */
async function migrations(...workers: DeployedWorker[]) {
	const found = workers.map(async (name) => [`${name.toUpperCase()}_MIGRATIONS`, await readD1Migrations(`migrations/${name}`)]);
	return Object.fromEntries(await Promise.all(found));
}

/**
 * Stands in for every Worker that another one calls by a service binding: none of them is there, and identity knows
 * nobody. Tests that need an answer hand the Worker under test a binding of their own.
 */
const neighbours = deployedWorkers.map((name) => ({
	name,
	modules: true,
	compatibilityDate: "2026-11-02",
	script: `import { WorkerEntrypoint } from "cloudflare:workers";
		export class Identity extends WorkerEntrypoint { refresh() { return { refused: "signed_out" }; } }
		export class Customers extends WorkerEntrypoint {}
		export class ContractFeed extends WorkerEntrypoint {}
		export default { fetch: () => new Response("nobody is here", { status: 503 }) };`,
}));

/** Tests are quicker than people. Those of the limits bring limiters of their own. */
const ratelimits = Object.fromEntries(
	["SIGN_IN_LIMIT", "CHANGE_LIMIT"].map((name) => [
		name,
		{ namespace_id: name, simple: { limit: 1_000_000, period: 60 as const } },
	]),
);

/** On a busy machine the others wait as well: a test that was given up goes on and is in the next one's way. */
const patience = { testTimeout: 30_000, hookTimeout: 30_000 };

/** Both start processes that each keep a core busy for minutes. */
const simulations = ["test/simulation/simulation.test.ts", "test/simulation/money.test.ts"];

/** The tests of one Worker run inside workerd, on its own configuration, with real D1 and queues. */
const worker = (name: DeployedWorker) => ({
	plugins: [
		cloudflareTest(async () => ({
			wrangler: { configPath: configs[name] },
			miniflare: { bindings: { ...testBindings(name), ...(await migrations(name)) }, workers: neighbours, ratelimits },
		})),
	],
	test: { name, include: [`workers/${name}/**/*.test.{ts,tsx}`], ...patience },
});

/** The machinery of the messaging runs inside workerd too, on the databases of two quanta and without a Worker of its own. */
const messaging = {
	plugins: [
		cloudflareTest(async () => ({
			miniflare: {
				compatibilityDate: "2026-11-02",
				d1Databases: [
					"CUSTOMER_DB_00",
					"CUSTOMER_DB_01",
					"SYSOPS_DB",
					"BILLING_DB_00",
					"BILLING_DB_01",
					"NOTIFICATION_DB",
					"ANALYTICS_DB",
				],
				bindings: await migrations("customer", "sysops", "billing", "notification", "analytics"),
			},
		})),
	],
	test: {
		name: "messaging",
		include: ["shared/**/*.test.{ts,tsx}", "test/messaging/**/*.test.ts"],
		...patience,
		setupFiles: ["./shared/testing/setup.ts"],
	},
};

export default defineConfig({
	test: {
		// what a green test logged is of no interest; a Worker logs every request
		silent: "passed-only",
		// each runs a workerd beside itself: more of them only wait for each other on two cores
		maxWorkers: 2,
		projects: [
			...deployedWorkers.map(worker),
			messaging,
			{
				test: {
					name: "node",
					environment: "node",
					include: ["scripts/**/*.test.ts", "test/**/*.test.ts"],
					exclude: ["test/messaging/**", "test/e2e/**", "test/browser/**", "test/openapi.test.ts", ...simulations],
					...patience,
				},
			},
			// alone and last: hundreds of worlds take as long as the machine needs, and would slow down what waits for a page
			{
				test: {
					name: "simulation",
					environment: "node",
					include: simulations,
					sequence: { groupOrder: 1 },
					maxConcurrency: 2,
					testTimeout: 2_700_000, // 45 minutes: something hangs, where a quarter of an hour is usual
				},
			},
			// it starts processes while the other projects run on the same two cores
			{
				test: {
					name: "stack",
					environment: "node",
					include: ["test/e2e/**/*.test.ts", "test/openapi.test.ts"],
					testTimeout: 60_000,
					hookTimeout: 90_000,
				},
			},
			// the portal as people see it, in Chromium before one stack
			{
				test: {
					name: "browser",
					environment: "node",
					include: ["test/browser/**/*.test.ts"],
					globalSetup: ["./test/browser/shared-stack.ts"],
					testTimeout: 90_000,
					hookTimeout: 90_000,
				},
			},
		],
	},
});
