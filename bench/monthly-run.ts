/** `npm run bench:month -- [--customers 100000] [--at-once] [--provider-ms 1000]`: what a month of invoices asks of the platform. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Month } from "./monthly-run-month.ts";
import { planDollars, priced } from "./monthly-run-prices.ts";
import { report, sizes, usageOf } from "./monthly-run-report.ts";
import { wholeMonth } from "./monthly-run-seed.ts";

const { values } = parseArgs({
	options: {
		customers: { type: "string", default: "100000" },
		"at-once": { type: "boolean", default: false },
		"provider-ms": { type: "string", default: "1000" },
	},
});
const customers = Number(values.customers);
const folder = mkdtempSync(join(tmpdir(), "month-"));
const began = performance.now();
const month = new Month(folder, { providerTakes: Number(values["provider-ms"]) });
try {
	await month.seed(customers, values["at-once"] ? 0 : wholeMonth);
	// who is declined in the last hours of day 28 is charged right after the month
	const hours = values["at-once"] ? 6 * 24 : 31 * 24 + 3;
	let heap = 0;
	const cpu = process.cpuUsage();
	for (let hour = 0; hour < hours; hour++) {
		const before = month.tally.emails;
		await month.hour();
		const isBusy = month.tally.emails > before || !month.isQuiet;
		if (hour % 24 === 0 || (values["at-once"] && isBusy)) {
			globalThis.gc?.();
			heap = Math.max(heap, process.memoryUsage().heapUsed);
			const { charges } = month.tally.provider;
			console.error(`hour ${hour}: ${charges} charges, ${month.tally.emails} e-mails, ${month.objects.left} objects left`);
		}
	}
	const { user, system } = process.cpuUsage(cpu);
	const cpuMs = (user + system) / 1000;
	const files = Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).size]));
	const asked = report(month);
	const stored = Object.values(files).reduce((sum, bytes) => sum + bytes, 0) / 1e9;
	const bill = priced(usageOf(asked, { cpuMs, storedGB: stored }));
	const sum = (what: "dollars" | "withoutPlan") => bill.reduce((total, line) => total + line[what], 0);
	const result = {
		customers,
		isQuiet: month.isQuiet,
		heapMB: heap / 1e6,
		peakRssMB: process.resourceUsage().maxRSS / 1e3,
		cpuMsPerInvoice: cpuMs / asked.invoices,
		seconds: (performance.now() - began) / 1000,
		...asked,
		files,
		sizes: sizes(month),
		bill,
		dollars: { withPlan: planDollars + sum("dollars"), withoutPlan: sum("withoutPlan") },
	};
	console.log(JSON.stringify(result, undefined, "\t"));
} finally {
	month.close();
	rmSync(folder, { recursive: true });
}
