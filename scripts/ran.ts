/** `npm run -s ran -- <report>`: fails when a test of the run that vitest's JSON reporter tells of was skipped or left out. */
import { readFileSync } from "node:fs";
import { root } from "./run.ts";
import { notRun, testFiles } from "./test-report.ts";

const files = testFiles(root);
const lines = notRun(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")), files, root);
for (const line of lines) console.error(line);
if (lines.length > 0) process.exitCode = 1;
else console.log(`every test of ${files.length} files ran`);
