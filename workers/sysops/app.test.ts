import { exports } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
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

it.each([
	["GET", "/"],
	["GET", "/api/v1/experts"],
	["PUT", "/api/v1/tickets/tkt_00"],
	["DELETE", "/api/v1/tickets/tkt_00"],
])("%s %s: 404 as application/problem+json", async (method, path) => {
	expect(await ask(path, method)).toMatchObject(notFound);
});
