import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { configs } from "./scripts/workers.ts";
import { testBindings } from "./shared/testing/bindings.ts";

/** The tests of one Worker run inside workerd, on its own configuration, with real D1 and queues. */
async function worker(name: keyof typeof configs) {
	return {
		plugins: [
			cloudflareTest(async () => ({
				wrangler: { configPath: configs[name] },
				miniflare: { bindings: { ...testBindings(name), TEST_MIGRATIONS: await readD1Migrations(`migrations/${name}`) } },
			})),
		],
		test: { name, include: [`workers/${name}/**/*.test.ts`] },
	};
}

/** The machinery of the messaging runs inside workerd too, on the databases of two quanta and without a Worker of its own. */
const messaging = {
	plugins: [
		cloudflareTest(async () => ({
			miniflare: {
				compatibilityDate: "2026-11-02",
				d1Databases: ["CUSTOMER_DB_00", "CUSTOMER_DB_01", "SYSOPS_DB"],
				bindings: {
					CUSTOMER_MIGRATIONS: await readD1Migrations("migrations/customer"),
					SYSOPS_MIGRATIONS: await readD1Migrations("migrations/sysops"),
				},
			},
		})),
	],
	test: {
		name: "messaging",
		include: ["shared/**/*.test.ts", "test/messaging/**/*.test.ts"],
		exclude: ["**/*.node.test.ts"],
		setupFiles: ["./shared/testing/setup.ts"],
	},
};

export default defineConfig(async () => ({
	test: {
		// what a green test logged is of no interest; a Worker logs every request
		silent: "passed-only" as const,
		projects: [
			await worker("customer"),
			await worker("sysops"),
			messaging,
			{
				test: {
					name: "node",
					environment: "node",
					include: ["shared/**/*.node.test.ts", "scripts/**/*.test.ts", "test/**/*.test.ts"],
					exclude: ["test/messaging/**", "test/e2e/**"],
				},
			},
			{ test: { name: "stack", environment: "node", include: ["test/e2e/**/*.test.ts"] } },
		],
	},
}));
