import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./run.ts";
import { notRun, testFiles } from "./test-report.ts";

const result = (name: string, ...statuses: string[]) => ({
	name: `/repository/${name}`,
	assertionResults: statuses.map((status, i) => ({ fullName: `test ${i}`, status })),
});

describe("the report of a run", () => {
	test("is fine when every file has tests and each passed", () => {
		const report = { testResults: [result("test/a.test.ts", "passed", "passed"), result("test/b.test.ts", "passed")] };
		expect(notRun(report, ["test/a.test.ts", "test/b.test.ts"], "/repository")).toEqual([]);
	});

	test.each(["skipped", "pending", "todo", "failed"])("names a test that was %s", (status) => {
		const report = { testResults: [result("test/browser/a.test.ts", "passed", status)] };
		expect(notRun(report, ["test/browser/a.test.ts"], "/repository")).toEqual([`${status}: test/browser/a.test.ts: test 1`]);
	});

	test("names a file that was left out, and one without a test", () => {
		const report = { testResults: [result("test/a.test.ts")] };
		expect(notRun(report, ["test/a.test.ts", "test/browser/b.test.ts"], "/repository")).toEqual([
			"no test passed: test/a.test.ts",
			"no test passed: test/browser/b.test.ts",
		]);
	});

	test("is measured against every file of tests that there is", () => {
		const files = testFiles(root);
		expect(files).toContain("test/browser/mailbox.test.ts");
		expect(files).toContain("workers/customer/tickets/submit-ticket.test.ts");
		expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
	});
});
