import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { someAnswers, someClosing, someSurvey, surveySubmitted, ticketClosed } from "../../../shared/testing/facts.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { batchOf, neighbour } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { accessToken, administratorEmail, serveCerts } from "../../../shared/testing/staff.ts";
import { hours } from "../../../shared/time.ts";
import worker from "../index.ts";

const [ada, ben, cleo] = ["a", "b", "c"].map((letter) => `exp_000${letter.repeat(25)}`) as [string, string, string]; // of three
const rated = (satisfaction: 1 | 2 | 3 | 4 | 5, solved = true) => ({ answers: { ...someAnswers, satisfaction, solved } });
const at = (month: number) => Date.UTC(2026, month - 1, 15, 12);

/** Ada in three months, Ben in one, Cleo has only sent back; one ticket that nobody came to. */
const surveys = [
	someSurvey(at(8), { expertId: ada, ...rated(5) }),
	someSurvey(at(9), { expertId: ada, ...rated(4), region: "Île" }),
	someSurvey(at(9), { expertId: ada, ...rated(2, false) }),
	someSurvey(Date.UTC(2026, 8, 30, 23, 59, 59, 999), { expertId: ada, ...rated(4) }),
	someSurvey(Date.UTC(2026, 9, 1), { expertId: ada, ...rated(1, false) }),
	someSurvey(at(10), { expertId: ben, ...rated(5), category: "audio" }),
	someSurvey(at(10), { expertId: null, ...rated(3) }),
];
const closings = [
	someClosing(at(9), { expertId: ada, openedAt: at(9) - 30 * hours, assignedAt: at(9) - 29 * hours }),
	someClosing(at(9), { expertId: ada, openedAt: at(9) - 10 * hours, assignedAt: at(9) - 9.5 * hours, rejectedBy: [cleo] }),
	someClosing(at(10), { expertId: ben, category: "audio", reworkOf: ada, rejectedBy: [ada, cleo] }),
	someClosing(at(10), { expertId: null, outcome: "cancelled", assignedAt: null }),
];

beforeAll(async () => {
	await migrateDatabases();
	await env.ANALYTICS_DB.prepare("insert into staff values (?, 'administrator')").bind(administratorEmail).run();
	const customer = newId("cus", "00");
	const messages = [
		...surveys.map((survey) => surveySubmitted(neighbour("customer"), survey, customer)),
		...closings.map((closing) => ticketClosed(neighbour("sysops"), closing)),
	];
	await worker.queue(batchOf("surveys", await Promise.all(messages)), env, createExecutionContext());
});
beforeEach(() => {
	serveCerts();
});

interface Report {
	items: Record<string, unknown>[];
	next: string | null;
}

async function get(path: string): Promise<{ status: number; body: Report }> {
	const headers = { "cf-access-jwt-assertion": await accessToken({ email: administratorEmail }) };
	const answer = await exports.default.fetch(new Request(`https://analytics.test/api/v1/reports/${path}`, { headers }));
	return { status: answer.status, body: await answer.json() };
}

describe("the report of satisfaction", () => {
	it("of one expert: count, means, distribution, share solved, and the trend without gaps", async () => {
		const { status, body } = await get(`satisfaction?by=expert&value=${ada}&from=2026-09&to=2026-11`);

		expect(status).toBe(200);
		expect(body).toEqual({
			by: "expert",
			from: "2026-09",
			to: "2026-11",
			items: [
				{
					value: ada,
					count: 4,
					mean: 2.75,
					distribution: { 1: 1, 2: 1, 3: 0, 4: 2, 5: 0 },
					means: { expertise: 5, punctuality: 3, friendliness: 5 },
					solved: { count: 2, of: 4, rate: 0.5 },
					trend: [
						{ month: "2026-09", count: 3, mean: 3.33, change: -1.67 },
						{ month: "2026-10", count: 1, mean: 1, change: -2.33 },
						{ month: "2026-11", count: 0, mean: null, change: null },
					],
				},
			],
			next: null,
		});
	});

	it("of all: one item, also with what no expert came to", async () => {
		const { body } = await get("satisfaction?by=all&from=2026-08&to=2026-10");

		expect(body.items).toMatchObject([{ value: "all", count: 7, solved: { count: 5, of: 7, rate: 0.714 } }]);
		expect(body.items[0]).toMatchObject({ trend: [{ change: null }, {}, { count: 3, mean: 3, change: -0.33 }] });
	});

	it("of each category and region, in the order of their names", async () => {
		const [categories, regions] = [
			await get("satisfaction?by=category&from=2026-08&to=2026-10"),
			await get("satisfaction?by=region&from=2026-08&to=2026-10"),
		];

		expect(categories.body.items).toMatchObject([
			{ value: "audio", count: 1 },
			{ value: "television", count: 6 },
		]);
		expect(regions.body.items).toMatchObject([
			{ value: "south", count: 6 },
			{ value: "Île", count: 1 },
		]);
	});
});

describe("the report of handling", () => {
	it("gives each expert what they did, what did not last and what they sent back", async () => {
		const { body } = await get("handling?by=expert&from=2026-09&to=2026-10");

		expect(body).toEqual({
			by: "expert",
			from: "2026-09",
			to: "2026-10",
			items: [
				{
					value: ada,
					resolved: 2,
					cancelled: 0,
					hoursToAssign: { mean: 0.8, of: 2 },
					hoursToResolve: { mean: 20, of: 2 },
					reopened: { count: 1, of: 2, rate: 0.5 },
					rejected: { count: 1, of: 3, rate: 0.333 },
				},
				{
					value: ben,
					resolved: 1,
					cancelled: 0,
					hoursToAssign: { mean: 1, of: 1 },
					hoursToResolve: { mean: 24, of: 1 },
					reopened: { count: 0, of: 1, rate: 0 },
					rejected: { count: 0, of: 1, rate: 0 },
				},
				{
					value: cleo,
					resolved: 0,
					cancelled: 0,
					hoursToAssign: { mean: null, of: 0 },
					hoursToResolve: { mean: null, of: 0 },
					reopened: { count: 0, of: 0, rate: null },
					rejected: { count: 2, of: 2, rate: 1 },
				},
			],
			next: null,
		});
	});

	it("gives category and region what belongs to the ticket", async () => {
		const { body } = await get("handling?by=category&from=2026-09&to=2026-10");

		expect(body.items).toMatchObject([
			{ value: "audio", resolved: 1, reopened: { count: 1, of: 1 }, rejected: { count: 2, of: 3, rate: 0.667 } },
			{ value: "television", resolved: 2, cancelled: 1, reopened: { count: 0, of: 2 }, rejected: { count: 1, of: 3 } },
		]);
	});
});

describe.each(["satisfaction", "handling"])("every report, such as %s,", (report) => {
	const walk = async (query: string) => {
		const pages: Report[] = [];
		for (let next: string | null = ""; next !== null && pages.length < 9; next = pages.at(-1)?.next ?? null) {
			pages.push((await get(`${report}?${query}&cursor=${next}`)).body);
		}
		return pages;
	};

	it.each(["expert", "region"])("comes page by page, each %s once", async (by) => {
		const query = `by=${by}&from=2026-08&to=2026-10`;
		const whole = (await get(`${report}?${query}`)).body.items;

		const pages = await walk(`${query}&limit=1`);

		expect(pages.map(({ items }) => items.length)).toEqual(whole.map(() => 1));
		expect(pages.flatMap(({ items }) => items)).toEqual(whole);
	});

	it("leaves out whom nothing is said of in these months; the page is shorter then and goes on", async () => {
		const pages = await walk("by=expert&from=2026-10&to=2026-10&limit=1");

		const mentioned = report === "satisfaction" ? [ada, ben] : [ada, ben, cleo];
		expect(pages.flatMap(({ items }) => items.map(({ value }) => value))).toEqual(mentioned);
		const earlier = await walk("by=expert&from=2026-08&to=2026-08&limit=1");
		expect(earlier.map(({ items }) => items.length)).toEqual(report === "satisfaction" ? [1, 0] : [0, 0, 0]);
	});

	it.each([
		"by=all&from=2020-01&to=2021-12",
		"by=all&from=2026-11&to=2026-11",
		`by=expert&value=${newId("exp", "00")}&from=2026-01&to=2026-12`,
	])("is empty when there is nothing: %s", async (query) => {
		expect(await get(`${report}?${query}`)).toMatchObject({ status: 200, body: { items: [], next: null } });
	});

	it.each([
		["by", "from=2026-01&to=2026-12"],
		["by", "by=customer&from=2026-01&to=2026-12"],
		["from", "by=all&to=2026-12"],
		["from", "by=all&from=2026-13&to=2026-12"],
		["from", "by=all&from=2026-1&to=2026-12"],
		["to", "by=all&from=2026-01"],
		["to", "by=all&from=2026-02&to=2026-01"],
		["to", "by=all&from=2024-12&to=2026-12"],
		["value", "by=expert&value=ada&from=2026-01&to=2026-12"],
		["value", "by=category&value=gardening&from=2026-01&to=2026-12"],
		["value", "by=region&value=&from=2026-01&to=2026-12"],
		["value", "by=all&value=south&from=2026-01&to=2026-12"],
		["limit", "by=all&from=2026-01&to=2026-12&limit=101"],
		["cursor", "by=all&from=2026-01&to=2026-12&cursor=none"],
		["cursor", "by=all&from=2026-01&to=2026-12&cursor=_w"],
	])("answers 422 and names `%s` for %s", async (field, query) => {
		expect(await get(`${report}?${query}`)).toMatchObject({
			status: 422,
			body: { code: "invalid_field", errors: [{ field }] },
		});
	});

	it("takes 24 months, over the turn of years", async () => {
		const { body } = await get(`${report}?by=all&from=2025-01&to=2026-12`);

		expect(body.items).toHaveLength(1);
	});
});

it("the last millisecond of a month is in it, the first of the next is not", async () => {
	const count = async (from: string, to: string) => {
		const { body } = await get(`satisfaction?by=expert&value=${ada}&from=${from}&to=${to}`);
		return body.items[0]?.["count"];
	};

	expect(await Promise.all([count("2026-08", "2026-08"), count("2026-09", "2026-09"), count("2026-10", "2026-10")])).toEqual([
		1, 3, 1,
	]);
});
