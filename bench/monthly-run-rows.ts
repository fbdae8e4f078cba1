import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Month } from "./monthly-run-month.ts";

/**
 * Rows as D1 bills them. node:sqlite does not say how many rows a statement reads, nor how many entries of indexes it
 * writes; D1 in workerd does, and the tables of test/costs say it for every operation. So the run counts operations, and
 * these are multiplied.
 */
export interface Billed {
	readonly worker: "billing" | "customer" | "notification" | "analytics";
	readonly what: string;
	readonly count: number;
	/** Of one. */
	readonly read: number;
	readonly written: number;
}

/** Of one of the `size` things in a line of test/costs. */
function measured(file: string, line: string, size: number): Pick<Billed, "read" | "written"> {
	const text = readFileSync(join(import.meta.dirname, `../test/costs/${file}.md`), "utf8");
	const row = text.split("\n").find((one) => one.startsWith(`| ${line} `));
	const [read, written] = [4, 5].map((cell) => Number(row?.split("|")[cell]));
	if (read === undefined || written === undefined || Number.isNaN(read + written))
		throw new Error(`${file}.md has no line ${line}`);
	return { read: read / size, written: written / size };
}

/** What the object of an invoice reads: its delivery, its invoice, and when the customer Worker was last heard of. */
const ofObject = { read: 3, written: 0 };
/** Of a batch, whatever is in it: the destination whose receipts they are, the three sums that facts are added to. */
const ofBatch = { read: 4, written: 1 };
const ofSums = { read: 3, written: 3 };

/** All operations of a run that touch D1, with what each costs. */
export function billedRows({ tally }: Month): Billed[] {
	const { objects, provider, emails, crons } = tally;
	const messages = (queue: string) => tally.queue(queue).messages;
	const batches = (queue: string) => tally.queue(queue).batches;
	const claims = tally.logged.get("periods_claimed") ?? 0;
	const receipt = measured("customer", "100 receipts of one shard", 100);
	const quietMinutes = measured("customer", "Cron of every minute, nothing due", 1);
	const everyMinute = (worker: string) => crons.get(`${worker} * * * * *`) ?? 0;
	const everyHour = (worker: string) => crons.get(`${worker} 17 * * * *`) ?? 0;
	const quietHours = measured("customer", "Cron of every hour, nothing to prune", 1);
	const invoices = messages("invoices");
	const told = messages("billing-updates");
	return [
		{
			worker: "billing",
			what: "period claimed",
			count: claims,
			...measured("payments", "Cron of payments, 100,000 periods, 50 due", 50),
		},
		{ worker: "billing", what: "attempt to charge", count: provider.charges, ...measured("payments", "50 periods, charged", 50) },
		{
			worker: "billing",
			what: "period looked at in vain",
			count: claims - provider.charges,
			...measured("payments", "the same message again", 50),
		},
		{ worker: "billing", what: "run of an object that reads", count: objects.alarms + objects.delivered, ...ofObject },
		{
			worker: "billing",
			what: "delivery swept",
			count: objects.ensure - invoices,
			...measured("deliveries", "the same, when they were not looked at for long: a page", 100),
		},
		{
			worker: "billing",
			what: "invoice's receipt",
			count: invoices,
			...measured("deliveries", "100 receipts in one message", 100),
		},
		{ worker: "billing", what: "other receipt", count: messages("facts") + told, ...receipt },
		{ worker: "billing", what: "batch of receipts", count: batches("receipts-billing"), ...ofBatch },
		{ worker: "billing", what: "Cron, minute", count: everyMinute("billing"), ...quietMinutes },
		{ worker: "billing", what: "Cron, hour", count: everyHour("billing"), ...quietHours },
		{
			worker: "customer",
			what: "invoice stored and told",
			count: invoices,
			...measured("invoices", "100 invoices, told each", 100),
		},
		{
			worker: "customer",
			what: "failed or recovered payment",
			count: told,
			...measured("invoices", "100 payments that failed, told each", 100),
		},
		{ worker: "customer", what: "receipt", count: emails, ...receipt },
		{ worker: "customer", what: "batch of receipts", count: batches("receipts-customer"), ...ofBatch },
		{ worker: "customer", what: "Cron, minute", count: everyMinute("customer"), ...quietMinutes },
		{ worker: "customer", what: "Cron, hour", count: everyHour("customer"), ...quietHours },
		{
			worker: "notification",
			what: "e-mail stored and sent",
			count: emails,
			...measured("notification", "100 e-mails, stored and sent", 100),
		},
		{
			worker: "notification",
			what: "Cron, minute",
			count: everyMinute("notification"),
			...measured("notification", "Cron of every minute, nothing is due", 1),
		},
		{
			worker: "notification",
			what: "Cron, hour",
			count: everyHour("notification"),
			...measured("notification", "Cron of every hour, nothing to prune", 1),
		},
		{
			worker: "analytics",
			what: "fact",
			count: messages("facts"),
			...measured("analytics", "100 payments, of three outcomes", 100),
		},
		{ worker: "analytics", what: "batch of facts", count: batches("facts"), ...ofSums },
		{
			worker: "analytics",
			what: "Cron, minute",
			count: everyMinute("analytics"),
			...measured("analytics", "Cron of every minute, nothing due", 1),
		},
		{
			worker: "analytics",
			what: "Cron, hour",
			count: everyHour("analytics"),
			...measured("analytics", "Cron of every hour, nothing to prune", 1),
		},
	];
}
