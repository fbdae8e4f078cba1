import type { Month } from "./monthly-run-month.ts";
import type { Usage } from "./monthly-run-prices.ts";
import { billedRows } from "./monthly-run-rows.ts";

/** What a run has come to, for people and for `docs/scale.md`. */
export function report(month: Month) {
	const { tally } = month;
	const { requests, objects, provider, emails } = tally;
	const rows = billedRows(month);
	const total = (what: "read" | "written") => Math.round(rows.reduce((sum, row) => sum + row.count * row[what], 0));
	return {
		invoices: month.sum("billing", "select count(*) as n from invoices"),
		delivered: month.sum("billing", "select count(*) as n from deliveries where delivered_at is not null"),
		inPortal: month.sum("customer", "select count(*) as n from invoices"),
		sent: month.sum("notification", "select count(*) as n from notifications where status = 'sent'"),
		counted: month.sum("analytics", "select coalesce(sum(payments), 0) as n from takings"),
		outbox: month.sum("billing", "select count(*) as n from outbox") + month.sum("customer", "select count(*) as n from outbox"),
		claims: tally.logged.get("periods_claimed") ?? 0,
		provider: { ...provider },
		emails,
		resent: tally.logged.get("events_claimed") ?? 0,
		objects: { ...objects, requests: objects.ensure + objects.delivered + objects.alarms, left: month.objects.left },
		peaksOfAMinute: tally.peaks,
		requests,
		queueMessages: tally.sumOfQueues("messages"),
		queueOperations: tally.sumOfQueues("operations"),
		queues: Object.fromEntries(tally.queues),
		d1: Object.fromEntries(tally.d1),
		rowsRead: total("read"),
		rowsWritten: total("written"),
		rows,
		crons: Object.fromEntries(tally.crons),
		troubles: tally.troubles.length,
		someTroubles: tally.troubles.slice(0, 5),
	};
}

/** An object is in memory for a tenth of a second at each request: assumed, and 128 MB whatever it needs. */
const objectGBs = 0.1 * 0.128;

/** As it is billed. CPU is that of the whole simulation, with its databases: more than what a Worker takes. */
export function usageOf(asked: ReturnType<typeof report>, { cpuMs, storedGB }: Pick<Usage, "cpuMs" | "storedGB">): Usage {
	const { requests, rowsRead, rowsWritten, queueOperations, objects, emails } = asked;
	return {
		requests: requests.batches + requests.crons,
		cpuMs,
		rowsRead,
		rowsWritten,
		storedGB,
		queueOperations,
		objectRequests: objects.requests,
		objectGBs: objects.requests * objectGBs,
		objectRowsWritten: objects.rowsWritten,
		emails,
	};
}

/** Bytes of each table with its indexes, in all databases of a Worker, and how many rows it has. */
export function sizes(month: Month): Record<string, { rows: number; bytes: number }> {
	const found: Record<string, { rows: number; bytes: number }> = {};
	for (const [worker, databases] of Object.entries(month.databases)) {
		for (const database of databases.values()) {
			const bytes =
				"select m.tbl_name as name, sum(s.pgsize) as bytes from dbstat as s join sqlite_schema as m on m.name = s.name group by 1";
			for (const table of database.all<{ name: string; bytes: number }>(bytes)) {
				const rows = database.all<{ n: number }>(`select count(*) as n from "${table.name}"`)[0]?.n ?? 0;
				if (rows === 0) continue;
				const before = found[`${worker} ${table.name}`] ?? { rows: 0, bytes: 0 };
				found[`${worker} ${table.name}`] = { rows: before.rows + rows, bytes: before.bytes + table.bytes };
			}
		}
	}
	return found;
}
