/**
 * The borders of the house, from inside out. test/borders holds one forbidden import for each rule, and
 * test/borders.test.ts sees every one of them refused.
 */
const tests = "\\.test\\.tsx?$|/test-(bench|payers|pictures)\\.ts$|^shared/testing/";
const feature = "^workers/([^/]+)/([^/]+)/";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
	forbidden: [
		{
			name: "workers-know-no-other-worker",
			comment: "Quanta speak through events in shared/events only.",
			severity: "error",
			from: { path: "^workers/([^/]+)/" },
			to: { path: "^workers/", pathNot: "^workers/$1/" },
		},
		{
			name: "shared-knows-no-worker",
			comment: "What is shared stands below every Worker.",
			severity: "error",
			from: { path: "^shared/" },
			to: { path: "^workers/" },
		},
		{
			name: "feature-is-entered-by-its-verbs",
			comment: "Another feature calls a verb; the queries in store.ts belong to the feature alone.",
			severity: "error",
			from: { path: feature },
			to: { path: "^workers/$1/[^/]+/store\\.ts$", pathNot: "^workers/$1/$2/" },
		},
		{
			name: "wiring-knows-no-store",
			comment: "The files of a Worker itself enter a feature by its verbs and handlers too.",
			severity: "error",
			from: { path: "^workers/[^/]+/[^/]+\\.tsx?$", pathNot: tests },
			to: { path: "^workers/[^/]+/[^/]+/store\\.ts$" },
		},
		{
			name: "platform-at-the-entry",
			comment: "Bindings come in through ctx, so that the same code runs in the simulation.",
			severity: "error",
			from: { path: "^(workers|shared)/", pathNot: ["^workers/[^/]+/index\\.ts$", tests] },
			to: { path: "^cloudflare:" },
		},
		{
			name: "itty-durable-behind-one-file",
			comment: "Unmaintained, with traps that this file knows (ADR 11): it can be replaced there.",
			severity: "error",
			from: { path: "^(workers|shared)/", pathNot: ["^workers/billing/delivery/durable\\.ts$", tests] },
			to: { path: "(^|/)itty-durable(/|$)" },
		},
		{
			name: "product-knows-no-test",
			comment: "Test keys and fault injection stay out of what is deployed.",
			severity: "error",
			from: { path: "^(workers|shared)/", pathNot: tests },
			to: { path: ["^shared/testing/", "^scripts/", "^test/", "\\.test\\.tsx?$"] },
		},
		{
			name: "no-circle",
			comment: "Of two files that need each other, something belongs into a third.",
			severity: "error",
			from: {},
			to: { circular: true },
		},
		{
			name: "no-node",
			comment: "Workers run on web standards, without nodejs_compat.",
			severity: "error",
			from: { path: "^(workers|shared)/", pathNot: tests },
			to: { dependencyTypes: ["core"] },
		},
	],
	options: {
		// TypeScript 7 has no API that dependency-cruiser could parse with
		parser: "swc",
		doNotFollow: { path: "node_modules" },
		exclude: { path: "\\.d\\.ts$" },
	},
};
