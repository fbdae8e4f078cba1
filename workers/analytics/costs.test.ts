import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { fill, fillInbox } from "../../shared/testing/backlog.ts";
import { CostSheet } from "../../shared/testing/counting.ts";
import {
	paymentRecorded,
	someClosing,
	somePayment,
	someSurvey,
	surveySubmitted,
	ticketClosed,
} from "../../shared/testing/facts.ts";
import { newId } from "../../shared/testing/fixtures.ts";
import { batchOf, neighbour } from "../../shared/testing/messages.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { accessToken, administratorEmail, serveCerts } from "../../shared/testing/staff.ts";
import { days } from "../../shared/time.ts";
import worker from "./index.ts";

const sheet = new CostSheet<Cloudflare.Env>(env);
const experts = 500;
const [yesterday, longAgo] = [Date.now() - days, Date.now() - 800 * days];

/** 500 experts with ten years of months each, and 100,000 facts of each kind. */
beforeAll(async () => {
	await migrateDatabases();
	await env.ANALYTICS_DB.prepare("insert into staff values (?, 'administrator')").bind(administratorEmail).run();
	const key = {
		dimension: "'expert'",
		value: `printf('exp_00%026d', i % ${experts})`,
		month: `printf('20%02d-%02d', 20 + i / ${experts} / 12, 1 + i / ${experts} % 12)`,
	};
	const ratings = { rated_1: 0, rated_2: 0, rated_3: 0, rated_4: 1, rated_5: 0, satisfaction: 4 };
	const sums = { answered: 1, ...ratings, expertise: 4, punctuality: 4, friendliness: 4, solved: 1 };
	const handled = { resolved: 1, cancelled: 0, assigned: 1, assign_ms: 1, resolve_ms: 1, kept: 1, reopened: 0, rejected: 0 };
	await fill(env.ANALYTICS_DB, "satisfaction", experts * 120 - 1, { ...key, ...sums });
	await fill(env.ANALYTICS_DB, "handling", experts * 120 - 1, { ...key, ...handled });
	await fill(env.ANALYTICS_DB, "takings", 1000, {
		month: "printf('20%02d-%02d', 20 + i / 8 / 12, 1 + i / 8 % 12)",
		currency: "iif(i / 4 % 2, 'EUR', 'USD')",
		outcome: "json_array('approved', 'declined_hard', 'declined_soft', 'refunded')->>(i % 4)",
		payments: 1,
		amount_minor: 1290,
	});
	await fillFacts("0", 100_000, yesterday);
	await fillInbox(env.ANALYTICS_DB, "customer", 100_000);
	serveCerts();
	await worker.fetch(await request("handling?by=all&from=2026-01&to=2026-12"), env, createExecutionContext()); // Access's keys
});

/** So many surveys, closings and payments of this time; `mark` tells them from others. */
async function fillFacts(mark: string, count: number, at: number): Promise<void> {
	const common = { run: "'yesterday'", category: "'audio'", region: "'south'" };
	const rated = { satisfaction: 4, expertise: 4, punctuality: 4, friendliness: 4, solved: 1 };
	const id = `printf('srv_00${mark}%025d_1', i)`;
	await fill(env.ANALYTICS_DB, "surveys", count, { id, submitted_at: `${at} + i`, ...common, ...rated });
	const [closing, times] = [
		{ closing: 1, outcome: "'resolved'" },
		{ opened_at: at, closed_at: `${at} + i` },
	];
	const ticket_id = `printf('tkt_00${mark}%025d', i)`;
	await fill(env.ANALYTICS_DB, "closings", count, { ticket_id, ...closing, ...times, ...common, rejected_by: "'[]'" });
	const paid = { outcome: "'approved'", amount_minor: 1290, currency: "'EUR'", period_from: at };
	const payment_id = `printf('att_00${mark}%025d', i)`;
	await fill(env.ANALYTICS_DB, "payments", count, { payment_id, run: "'yesterday'", ...paid, recorded_at: `${at} + i` });
}

const request = async (path: string) => {
	const headers = { "cf-access-jwt-assertion": await accessToken({ email: administratorEmail }) };
	return new Request(`https://analytics.test/api/v1/reports/${path}`, { headers });
};

async function get(path: string, items: number): Promise<Parameters<typeof sheet.line>[1]> {
	const asked = await request(path);
	return async (counted, execution) => {
		const answer = await worker.fetch(asked, counted, execution);
		expect((await answer.json<{ items: unknown[] }>()).items).toHaveLength(items);
	};
}

const queue = (name: string, messages: string[]) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
	worker.queue(batchOf(name, messages), counted, execution);

describe("a queue batch of 100 facts is one D1 batch and one send of receipts,", () => {
	// sorted: at an end of an index a search reads a row less
	const [ids, staff] = [100, 10].map((count) => Array.from({ length: count }, () => newId("exp", "00")).sort()) as [
		string[],
		string[],
	]; // of two

	it("also repeated, and then it writes nothing", async () => {
		const customer = newId("cus", "00");
		const one = (i: number) => ({ expertId: staff[i % 10] ?? null, region: ["south", "north"][i % 2] ?? "" });
		const surveys = await Promise.all(
			ids.map((id, i) => {
				const surveyId = `srv_${id.slice(4)}_1`;
				return surveySubmitted(neighbour("customer"), someSurvey(yesterday, { ...one(i), surveyId }), customer);
			}),
		);
		const closings = await Promise.all(
			ids.map((id, i) => {
				const own = { ticketId: `tkt_${id.slice(4)}`, reworkOf: staff[1] ?? null, rejectedBy: staff.slice(2, 4) };
				return ticketClosed(neighbour("sysops"), someClosing(yesterday, { ...one(i), ...own }));
			}),
		);

		const outcomes = ["approved", "declined_soft", "refunded"] as const;
		const payments = await Promise.all(
			ids.map((id, i) => {
				const own = { paymentId: `att_${id.slice(4)}`, outcome: outcomes[i % 3] ?? "approved" };
				return paymentRecorded(neighbour("billing"), somePayment(yesterday, own));
			}),
		);

		const costs = [
			await sheet.line("100 surveys, of ten experts in two regions", queue("surveys", surveys)),
			await sheet.line("100 closings, of ten experts in two regions", queue("facts", closings)),
			await sheet.line("100 payments, of three outcomes", queue("facts", payments)),
		];
		const repeated = [
			await sheet.line("100 surveys, repeated", queue("surveys", surveys)),
			await sheet.line("100 closings, repeated", queue("facts", closings)),
			await sheet.line("100 payments, repeated", queue("facts", payments)),
		];

		for (const { d1Calls, sends, messages, otherCalls } of [...costs, ...repeated]) {
			expect({ d1Calls, sends, messages, otherCalls }).toEqual({ d1Calls: 1, sends: 1, messages: 1, otherCalls: 0 });
		}
		expect(repeated.map(({ rowsWritten }) => rowsWritten)).toEqual([0, 0, 0]);
	});
});

describe.each(["satisfaction", "handling"])("the report of %s", (report) => {
	it("reads four rows for each value of the page and one for each of its months, of 60,000", async () => {
		const year = "by=expert&from=2025-01&to=2025-12";
		const page = await sheet.line(`GET ${report}, 20 experts, 12 months`, await get(`${report}?${year}`, 20));
		const cursor = btoa(JSON.stringify(`exp_00${"250".padStart(26, "0")}`)).replaceAll("=", "");
		const later = await sheet.line(`GET ${report}, by cursor`, await get(`${report}?${year}&cursor=${cursor}`, 20));
		const one = `&value=exp_00${"250".padStart(26, "0")}`;
		const single = await sheet.line(`GET ${report}, one expert, 12 months`, await get(`${report}?${year}${one}`, 1));
		const largest = `${report}?by=expert&from=2024-01&to=2025-12&limit=100`;
		const most = await sheet.line(`GET ${report}, 100 experts, 24 months`, await get(largest, 100));
		const nobody = `${report}?by=expert&from=2035-01&to=2035-12`;
		const none = await sheet.line(`GET ${report}, months of which nothing is known`, await get(nobody, 0));

		const bound = (values: number, months: number) => 1 + 4 * (values + 1) + values * (months + 1);
		expect(page.rowsRead).toBeLessThanOrEqual(bound(20, 12));
		expect(later.rowsRead).toBeLessThanOrEqual(bound(20, 12));
		expect(single.rowsRead).toBeLessThanOrEqual(bound(1, 12));
		expect(most.rowsRead).toBeLessThanOrEqual(bound(100, 24));
		expect(none.rowsRead).toBeLessThanOrEqual(bound(20, 0));
		for (const { d1Calls, rowsWritten, otherCalls } of [page, later, single, most, none]) {
			expect({ d1Calls, rowsWritten, otherCalls }).toEqual({ d1Calls: 2, rowsWritten: 0, otherCalls: 0 });
		}
	});
});

it("the report of takings reads a row for each month, currency and outcome that it is about, and the one behind them", async () => {
	const [year, most] = [
		await sheet.line("GET takings, 12 months, two currencies", await get("takings?from=2025-01&to=2025-12", 24)),
		await sheet.line("GET takings, 24 months, two currencies", await get("takings?from=2024-01&to=2025-12", 48)),
	];

	expect([year.rowsRead, most.rowsRead].map((rows, i) => rows <= 1 + 12 * (i + 1) * 2 * 4 + 1)).toEqual([true, true]);
	for (const { d1Calls, rowsWritten } of [year, most]) expect({ d1Calls, rowsWritten }).toEqual({ d1Calls: 2, rowsWritten: 0 });
});

describe("the Cron Triggers", () => {
	const cron = (expression: string) => (counted: Cloudflare.Env, execution: ExecutionContext) =>
		worker.scheduled(createScheduledController({ cron: expression }), counted, execution);

	it("write only that they ran when there is nothing to do", async () => {
		const minutely = await sheet.line("Cron of every minute, nothing due", cron("* * * * *"));
		const hourly = await sheet.line("Cron of every hour, nothing to prune", cron("17 * * * *"));

		expect([minutely, hourly]).toMatchObject([{ rowsWritten: 1 }, { rowsWritten: 1 }]);
	});

	it("prune what is too old a page at a time, and read nothing else", async () => {
		await fillFacts("1", 1500, longAgo);

		const costs = await sheet.line("Cron of every hour, 1,500 old facts of each kind", cron("17 * * * *"));

		expect(costs.rowsRead).toBeLessThanOrEqual(5 * 4500 + 100);
		const count = (table: string) => `(select count(*) from ${table}) as ${table}`;
		const left = `select ${["surveys", "closings", "payments"].map(count).join(", ")}`;
		expect(await env.ANALYTICS_DB.prepare(left).first()).toEqual({ surveys: 100_100, closings: 100_100, payments: 100_100 });
	});
});

it("costs what test/costs/analytics.md says; if the change is meant: npm run costs -- --update", async () => {
	await expect(sheet.table("analytics")).toMatchFileSnapshot("../../test/costs/analytics.md");
});
