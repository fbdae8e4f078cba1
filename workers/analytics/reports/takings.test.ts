import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { paymentRecorded, somePayment } from "../../../shared/testing/facts.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { batchOf, neighbour } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { accessToken, administratorEmail, serveCerts } from "../../../shared/testing/staff.ts";
import worker from "../index.ts";

const october = Date.UTC(2026, 9, 15);
const payments = [
	somePayment(Date.UTC(2026, 7, 31, 23, 59, 59, 999)),
	somePayment(october),
	somePayment(october, { amountMinor: 2500 }),
	somePayment(october, { amountMinor: 900, currency: "USD" }),
	somePayment(october, { amountMinor: 700, outcome: "declined_soft" }),
	somePayment(october, { amountMinor: 40, outcome: "declined_hard" }),
	somePayment(october, { paymentId: newId("rfd", "00"), amountMinor: 2500, outcome: "refunded" }),
	somePayment(Date.UTC(2026, 10, 1), { paymentId: newId("rfd", "00"), amountMinor: 1290, outcome: "refunded" }),
];

beforeAll(async () => {
	await migrateDatabases();
	await env.ANALYTICS_DB.prepare("insert into staff values (?, 'administrator')").bind(administratorEmail).run();
	const messages = await Promise.all(payments.map((payment) => paymentRecorded(neighbour("billing"), payment)));
	await worker.queue(batchOf("facts", messages), env, createExecutionContext());
});
beforeEach(() => {
	serveCerts();
});

async function get(query: string): Promise<{ status: number; body: object }> {
	const headers = { "cf-access-jwt-assertion": await accessToken({ email: administratorEmail }) };
	const request = new Request(`https://analytics.test/api/v1/reports/takings?${query}`, { headers });
	const answer = await exports.default.fetch(request);
	return { status: answer.status, body: await answer.json() };
}

describe("the report of takings", () => {
	it("says of each month and currency what was charged, given back and declined", async () => {
		const { status, body } = await get("from=2026-09&to=2026-11");

		expect(status).toBe(200);
		const nothing = { count: 0, amountMinor: 0 };
		expect(body).toEqual({
			from: "2026-09",
			to: "2026-11",
			items: [
				{
					month: "2026-10",
					currency: "EUR",
					approved: { count: 2, amountMinor: 3790 },
					refunded: { count: 1, amountMinor: 2500 },
					declined: { count: 2, amountMinor: 740 },
					netMinor: 1290,
				},
				{
					month: "2026-10",
					currency: "USD",
					approved: { count: 1, amountMinor: 900 },
					refunded: nothing,
					declined: nothing,
					netMinor: 900,
				},
				{
					month: "2026-11",
					currency: "EUR",
					approved: nothing,
					refunded: { count: 1, amountMinor: 1290 },
					declined: nothing,
					netMinor: -1290,
				},
			],
		});
	});

	it.each([
		["2026-08", 1],
		["2026-09", 0],
		["2026-11", 1],
	])("the last millisecond of a month is in it, the first of the next is not: %s", async (month, items) => {
		expect(await get(`from=${month}&to=${month}`)).toMatchObject({ status: 200, body: { items: { length: items } } });
	});

	it("takes 24 months, over the turn of years", async () => {
		expect(await get("from=2025-01&to=2026-12")).toMatchObject({ status: 200, body: { items: { length: 4 } } });
	});

	it.each([
		["from", "to=2026-12"],
		["from", "from=2026-13&to=2026-12"],
		["from", "from=2026-1&to=2026-12"],
		["from", "from=%3D2026-01&to=2026-12"],
		["to", "from=2026-01"],
		["to", "from=2026-02&to=2026-01"],
		["to", "from=2024-12&to=2026-12"],
	])("answers 422 and names `%s` for %s", async (field, query) => {
		expect(await get(query)).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field }] } });
	});
});
