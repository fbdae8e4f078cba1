import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import * as v from "valibot";

/** What is read of the report that vitest's reporter `json` writes. */
const Report = v.object({
	testResults: v.array(
		v.object({
			name: v.string(),
			assertionResults: v.array(v.object({ fullName: v.string(), status: v.string() })),
		}),
	),
});

/**
 * What did not run, a line each: tests that were skipped or are only planned, and files of which no test passed.
 * `files` and the report's names are made relative to `root`.
 */
export function notRun(report: unknown, files: readonly string[], root: string): string[] {
	const { testResults } = v.parse(Report, report);
	const passed = new Set<string>();
	const lines: string[] = [];
	for (const { name, assertionResults } of testResults) {
		const file = relative(root, name);
		for (const { fullName, status } of assertionResults) {
			if (status === "passed") passed.add(file);
			else lines.push(`${status}: ${file}: ${fullName}`);
		}
	}
	return [...lines, ...files.filter((file) => !passed.has(file)).map((file) => `no test passed: ${file}`)];
}

/** Every file of tests, from the root of the repository. */
export function testFiles(root: string): string[] {
	return ["scripts", "shared", "test", "workers"].flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
			.filter((file) => /\.test\.tsx?$/.test(file))
			.map((file) => join(folder, file)),
	);
}
