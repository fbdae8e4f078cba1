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

export default defineConfig(async () => ({
	test: {
		// what a green test logged is of no interest; a Worker logs every request
		silent: "passed-only" as const,
		projects: [
			await worker("customer"),
			await worker("sysops"),
			{ test: { name: "node", environment: "node", include: ["shared/**/*.test.ts", "scripts/**/*.test.ts", "test/**/*.test.ts"] } },
		],
	},
}));
