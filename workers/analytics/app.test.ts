import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contentsOf } from "../../shared/testing/contents.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { accessToken, administratorEmail, serveCerts } from "../../shared/testing/staff.ts";
import worker from "./index.ts";

beforeAll(async () => {
	await migrateDatabases();
	const others = "('helpdesk@squad.example', 'helpdesk'), ('expert@squad.example', 'expert')";
	await env.ANALYTICS_DB.prepare(`insert into staff values (?, 'administrator'), ${others}`).bind(administratorEmail).run();
});
beforeEach(() => {
	serveCerts();
});

const reports = ["satisfaction", "handling", "takings"].map(
	(report) => `/api/v1/reports/${report}?by=all&from=2026-11&to=2026-11`,
);

async function ask(path: string, token?: string, config: Partial<AnalyticsBindings> = {}, method = "GET") {
	const headers: Record<string, string> = token === undefined ? {} : { "cf-access-jwt-assertion": token };
	const request = new Request(`https://analytics.test${path}`, { method, headers });
	const answer = await worker.fetch(request, { ...env, ...config }, createExecutionContext());
	const { code } = await answer.json<{ code?: string }>();
	return {
		status: answer.status,
		code,
		type: answer.headers.get("content-type"),
		cache: answer.headers.get("cache-control"),
	};
}

describe.each(reports)("GET %s", (path) => {
	it("is for administrators, and no cache keeps it", async () => {
		const email = administratorEmail;

		expect(await ask(path, await accessToken({ email }))).toMatchObject({ status: 200, cache: "no-store" });
		expect(await ask(path, await accessToken({ email: email.toUpperCase() }))).toMatchObject({ status: 200 });
	});

	it.each([
		["401 without a token", 401, "unauthenticated", undefined],
		["401 for a forged token", 401, "unauthenticated", { email: administratorEmail, forged: true }],
		["401 for a token of another application", 401, "unauthenticated", { email: administratorEmail, audience: "other" }],
		["403 for a stranger", 403, "not_staff", { email: "stranger@squad.example" }],
		["403 for the helpdesk", 403, "not_permitted", { email: "helpdesk@squad.example" }],
		["403 for an expert", 403, "not_permitted", { email: "expert@squad.example" }],
	] as const)("%s", async (_, status, code, claims) => {
		const before = await contentsOf(env.ANALYTICS_DB);

		const answer = await ask(path, claims && (await accessToken(claims)));

		expect(answer).toEqual({ status, code, type: "application/problem+json", cache: "no-store" });
		expect(await contentsOf(env.ANALYTICS_DB)).toEqual(before);
	});

	it.each([{ ACCESS_ISSUER: "" }, { ACCESS_AUDIENCE: "" }])("503 without its configuration: %o", async (config) => {
		const token = await accessToken({ email: administratorEmail });

		expect(await ask(path, token, config)).toMatchObject({ status: 503, code: "unavailable" });
	});
});

it.each([
	["GET", "/"],
	["GET", "/api/v1/reports"],
	["POST", "/api/v1/reports/handling"],
	["GET", "/__dev/scheduled"],
])("%s %s: 404 as application/problem+json", async (method, path) => {
	const answer = await ask(path, await accessToken({ email: administratorEmail }), {}, method);

	expect(answer).toMatchObject({ status: 404, code: "not_found", type: "application/problem+json" });
});

it("GET /healthz is for everybody, and is well once the relay has run", async () => {
	const health = async () => {
		const answer = await exports.default.fetch(new Request("https://analytics.test/healthz"));
		return { status: answer.status, body: await answer.json() };
	};
	expect(await health()).toMatchObject({ status: 503, body: { status: "failing", worker: "analytics" } });

	for (const cron of ["* * * * *", "17 * * * *"]) {
		await worker.scheduled(createScheduledController({ cron }), env, createExecutionContext());
	}

	const crons = { "* * * * *": expect.any(String), "17 * * * *": expect.any(String) };
	expect(await health()).toMatchObject({ status: 200, body: { status: "ok", shards: [{ reachable: true }], crons } });
});
