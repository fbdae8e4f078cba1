import { afterAll, beforeAll, expect, it } from "vitest";
import { Month } from "../bench/monthly-run-month.ts";
import { report } from "../bench/monthly-run-report.ts";
import { everyDeclined } from "../bench/monthly-run-seed.ts";

/** All plans began at once; whoever is declined is charged three days later. */
async function firstDays(customers: number): Promise<Month> {
	const month = new Month();
	await month.seed(customers, 0);
	for (let hour = 0; hour < 4 * 24 + 3; hour++) await month.hour();
	return month;
}

const months = new Map<number, Month>();
const reportOf = (customers: number) => {
	const month = months.get(customers);
	if (!month) throw new Error(`nobody has run ${customers}`);
	return report(month);
};

beforeAll(async () => {
	for (const customers of [250, 1000]) months.set(customers, await firstDays(customers));
}, 240_000);
afterAll(() => {
	for (const month of months.values()) month.close();
});

it("everybody is charged once, has an invoice in the portal and an e-mail, and nothing is left", () => {
	const declined = 1000 / everyDeclined;
	expect(reportOf(1000)).toMatchObject({
		invoices: 1000,
		delivered: 1000,
		inPortal: 1000,
		sent: 1000 + 2 * declined,
		counted: 1000 + declined,
		outbox: 0,
		troubles: 0,
		someTroubles: [],
		provider: { charges: 1000 + declined, lookups: declined },
		objects: { left: 0 },
		resent: 0,
	});
});

it("an invoice takes three requests of its object, and no period is claimed twice", () => {
	const { objects, claims, provider } = reportOf(1000);

	expect(objects.requests / 1000).toBe(3);
	expect(objects.rowsWritten / 1000).toBe(6);
	expect(claims).toBe(provider.charges);
});

it("an invoice takes less than five messages, and three operations each", () => {
	const { queueMessages, queueOperations } = reportOf(1000);

	expect(queueMessages / 1000).toBeLessThan(5);
	expect(queueOperations).toBe(3 * queueMessages);
});

it("an invoice takes less than 60 rows written and 220 read, beside what Cron Triggers take anyway", () => {
	const ofInvoices = reportOf(1000).rows.filter(({ what }) => !what.startsWith("Cron"));
	const sum = (what: "read" | "written") => ofInvoices.reduce((total, row) => total + row.count * row[what], 0);

	expect(sum("written") / 1000).toBeLessThan(60);
	expect(sum("read") / 1000).toBeLessThan(220);
});

it("what the jobs hold does not grow with the customers: messages, values bound to statements, pages", () => {
	const [few, many] = [reportOf(250), reportOf(1000)];
	const largest = ({ queues, d1 }: typeof few) => ({
		message: Math.max(...Object.values(queues).map(({ largestMessage }) => largestMessage)),
		value: Math.max(...Object.values(d1).map(({ largestValue }) => largestValue)),
		page: Math.max(...Object.values(d1).map(({ largestPage }) => largestPage)),
	});

	expect(largest(many).message).toBeLessThan(64_000);
	expect(largest(many).value / largest(few).value).toBeLessThan(1.05);
	expect(largest(many).page).toBeLessThanOrEqual(500);
	expect(Object.values(many.queues).every(({ largestMessage }) => largestMessage < 64_000)).toBe(true);
});
