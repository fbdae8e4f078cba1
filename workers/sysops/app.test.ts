import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../shared/testing/contents.ts";
import { accessToken, migrateSysops, serveCerts } from "../../shared/testing/staff.ts";

beforeAll(async () => {
	serveCerts();
	await migrateSysops();
});

async function ask(path: string, method = "GET") {
	const headers = { "cf-access-jwt-assertion": await accessToken() };
	const response = await exports.default.fetch(new Request(`https://sysops.test${path}`, { method, headers }));
	return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
}

const notFound = { status: 404, type: "application/problem+json", body: { code: "not_found" } };

describe("row 21: cron and development endpoints over HTTP", () => {
	it.each([
		"/__dev/scheduled?worker=sysops",
		"/__dev/mail",
		"/__scheduled?cron=*+*+*+*+*",
		"/cdn-cgi/handler/scheduled",
		"/cdn-cgi/access/certs",
	])("%s: 404, and no job has run", async (path) => {
		const before = await contentsOf(env.SYSOPS_DB);

		expect(await ask(path)).toMatchObject(notFound);
		expect(await ask(path, "POST")).toMatchObject(notFound);
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});

it.each([
	["GET", "/"],
	["GET", "/api/v1/experts"],
	["POST", "/api/v1/tickets"],
	["DELETE", "/api/v1/tickets/tkt_00"],
])("%s %s: 404 as application/problem+json", async (method, path) => {
	expect(await ask(path, method)).toMatchObject(notFound);
});
