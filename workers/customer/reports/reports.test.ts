import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { browserOf } from "../../../shared/testing/browser.ts";
import { identityThat, withIdentity } from "../../../shared/testing/fake-identity.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";

const path = "/api/reports/csp";
const secret = "https://evil.test/?pan=4242424242424242";
const own = { origin: "https://customer.test", "sec-fetch-site": "same-origin" };

let lines: string[];
beforeAll(migrateDatabases);
beforeEach(() => {
	lines = [];
	vi.spyOn(console, "log").mockImplementation((line) => lines.push(String(line)));
});
afterEach(() => {
	vi.restoreAllMocks();
});

/** What is logged of violations, without what every line has. */
const violations = () => lines.map((line) => JSON.parse(line)).filter(({ message }) => message === "csp_violation");

const send = (body: BodyInit, type: string, headers: Record<string, string> = own, env: Partial<Cloudflare.Env> = {}) =>
	browserOf(worker, withIdentity(identityThat({}), env)).ask(path, {
		method: "POST",
		body,
		headers: { "content-type": type, ...headers },
	});

const old = (directive: object) =>
	JSON.stringify({ "csp-report": { "document-uri": secret, "blocked-uri": secret, ...directive } });
const violation = (effectiveDirective: string) => ({
	type: "csp-violation",
	url: secret,
	body: { effectiveDirective, sample: secret },
});

describe("a report of a violation", () => {
	it.each([
		["application/csp-report", old({ "effective-directive": "connect-src" }), [["connect-src", 1]]],
		["application/csp-report", old({ "violated-directive": "script-src 'self'" }), [["script-src", 1]]],
		["application/csp-report; charset=utf-8", old({ "effective-directive": secret }), [["other", 1]]],
		[
			"application/reports+json",
			JSON.stringify([violation("img-src"), violation("img-src"), violation(secret), { type: "deprecation", body: {} }]),
			[
				["img-src", 2],
				["other", 1],
			],
		],
	])("by %s is an alarm with the directive's name and a count, and nothing else of it", async (type, body, expected) => {
		const { status, text } = await send(body, type);

		expect({ status, text }).toEqual({ status: 204, text: "" });
		expect(violations().map(({ directive, count }) => [directive, count])).toEqual(expected);
		for (const { level } of violations()) expect(level).toBe("alarm");
		expect(lines.join()).not.toMatch(/evil|4242/);
	});

	it("that makes no sense is answered the same, and is nothing to be told", async () => {
		for (const body of ["", "{", "null", "[]", "[1]", "{}", '{"csp-report":1}', '[{"type":1}]', "[".repeat(5000)]) {
			for (const type of ["application/csp-report", "application/reports+json"]) {
				expect((await send(body, type)).status).toBe(204);
			}
		}
		expect(violations()).toEqual([]);
	});

	it.each([
		["an object of which no text can be made", '{"toString":1,"valueOf":1}'],
		["lists in lists", `${"[".repeat(3900)}${"]".repeat(3900)}`],
		["a number", "7"],
	])("whose directive is %s is counted as another one", async (_, directive) => {
		const body = `[{"type":"csp-violation","body":{"effectiveDirective":${directive}}}]`;

		expect((await send(body, "application/reports+json")).status).toBe(204);
		expect(violations().map(({ directive, count }) => [directive, count])).toEqual([["other", 1]]);
	});

	it("of another type, larger than 8 KB, or from another site is refused", async () => {
		const report = old({ "effective-directive": "img-src" });
		const large = old({ "effective-directive": "img-src", "script-sample": "x".repeat(8 * 1024) });
		const endless = new Blob([large]).stream();

		expect(await send(report, "application/json")).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
		expect(await send(large, "application/csp-report")).toMatchObject({ status: 413, body: { code: "body_too_large" } });
		expect(await send(endless, "application/csp-report")).toMatchObject({ status: 413, body: { code: "body_too_large" } });
		expect(await send(report, "application/csp-report", { origin: "https://evil.test" })).toMatchObject({ status: 403 });
		expect(violations()).toEqual([]);
	});

	it("is limited for each address, and takes nothing from signing in", async () => {
		const keys: string[] = [];
		const limiter = { limit: async ({ key }: { key: string }) => ({ success: keys.push(key) <= 1 }) };
		const from = { ...own, "cf-connecting-ip": "192.0.2.1" };
		const report = old({ "effective-directive": "img-src" });

		const [first, second] = [
			await send(report, "application/csp-report", from, { SIGN_IN_LIMIT: limiter }),
			await send(report, "application/csp-report", from, { SIGN_IN_LIMIT: limiter }),
		];

		expect([first.status, second.status]).toEqual([204, 429]);
		expect(keys).toEqual(["reports 192.0.2.1", "reports 192.0.2.1"]);
		expect(violations()).toHaveLength(1);
	});
});
