import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chaos } from "./chaos.ts";

/** `npm run chaos -- --kills N [--seed S]` */
const { values } = parseArgs({ options: { kills: { type: "string", default: "20" }, seed: { type: "string" } } });
const kills = Number(values.kills);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!Number.isInteger(kills) || kills < 0 || !Number.isInteger(seed)) {
	console.error("npm run chaos -- --kills <number> [--seed <number>]");
	process.exit(1);
}

console.log(`${kills} kills, seed ${seed}`);
const home = mkdtempSync(join(tmpdir(), "chaos-"));
try {
	const report = await chaos({ kills, seed, home, tell: console.log });
	const { tickets, comments, cancellations } = report.promised;
	const sum = (of: keyof (typeof report.kills)[number]) => report.kills.reduce((all, kill) => all + kill[of], 0);
	console.log(`
promised    ${tickets.length} tickets, ${comments.length} comments, ${cancellations.length} cancellations,
            ${report.resolved.length} resolutions, ${report.surveys.length} surveys,
            ${report.cards.length} cards, ${report.cards.filter(({ removed }) => removed).length} of them removed,
            ${report.paying.reduce((sum, { months }) => sum + months, 0)} months of ${report.paying.length} plans to be paid
kills hit   ${sum("inFlight")} requests in flight, ${sum("failed")} attempts failed while it was down, ${sum("outbox")} events found in outboxes,
            ${sum("months")} months to be paid, ${sum("charges")} charges, ${sum("invoices")} invoices and ${sum("mails")} of their mails under way
drained     in ${report.drained} s after the last fault
checked     every ticket and comment at sysops exactly once, same content, same customer; every ticket in its customer's list
            with the status and version of sysops; cancelled what was to be; one expert and one visit a ticket; every closed
            ticket and every survey once at analytics; every card verified and once in the vault, or gone from it;
            each month charged once, with one invoice, in the portal and in one mail that left; numbers without a gap;
            every message sent, one for each closed ticket; outboxes empty`);
	for (const failure of report.failures) console.log(`FAILED      ${failure}`);
	console.log(report.failures.length === 0 ? "all promises kept" : `${report.failures.length} broken; seed ${seed}`);
	process.exitCode = report.failures.length === 0 ? 0 : 1;
} finally {
	rmSync(home, { recursive: true, force: true });
}
