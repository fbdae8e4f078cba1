import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contentsOf } from "../../shared/testing/contents.ts";
import { readMessage, signSymmetrically, unsigned } from "../../shared/testing/forge.ts";
import { access, accessToken, goodCerts, migrateSysops, serveCerts, staffEmail } from "../../shared/testing/staff.ts";
import worker from "./index.ts";

beforeAll(migrateSysops);
beforeEach(() => {
	serveCerts();
});

const routes = ["/api/v1/tickets", "/api/v1/tickets/tkt_00"];

async function ask(path: string, token: string | undefined, config: Partial<SysopsBindings> = {}) {
	const headers = token === undefined ? {} : { "cf-access-jwt-assertion": token };
	const execution = createExecutionContext();
	const response = await worker.fetch(new Request(`https://sysops.test${path}`, { headers }), { ...env, ...config }, execution);
	await waitOnExecutionContext(execution);
	const body = await response.json<{ code?: string }>();
	return {
		status: response.status,
		code: body.code,
		type: response.headers.get("content-type"),
		cache: response.headers.get("cache-control"),
	};
}

async function expectRefusal(status: number, code: string, token: string | undefined, config: Partial<SysopsBindings> = {}) {
	const before = await contentsOf(env.SYSOPS_DB);
	for (const path of routes) {
		expect(await ask(path, token, config), path).toEqual({ status, code, type: "application/problem+json", cache: "no-store" });
	}
	expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
}

it("a valid Access token of somebody with a role is let in, and no cache keeps the answer", async () => {
	expect(await ask("/api/v1/tickets", await accessToken())).toMatchObject({ status: 200, cache: "no-store" });
	expect(await ask("/api/v1/tickets", await accessToken({ email: staffEmail.toUpperCase() }))).toMatchObject({ status: 200 });
});

/** The claims of a good token. */
const claims = async () => readMessage(await accessToken()).event;
const algNone = async () => unsigned(await claims(), { alg: "none" });
const hs256 = async () => signSymmetrically(await claims(), { kid: access.kid }, "x".repeat(64));

describe("401 for a token that is", () => {
	it.each<[string, () => string | undefined | Promise<string>]>([
		["missing", () => undefined],
		["garbage", () => "garbage"],
		["alg none", algNone],
		["HS256", hs256],
		["RS512 with the right key", () => accessToken({ algorithm: "RS512" })],
		["PS256 with the right key", () => accessToken({ algorithm: "PS256" })],
		["signed with another key", () => accessToken({ forged: true })],
		["signed with a key that Access does not have", () => accessToken({ kid: "other" })],
		["of another issuer", () => accessToken({ issuer: "https://other.test" })],
		["of the development issuer", () => accessToken({ issuer: "http://localhost:8787" })],
		["for another application", () => accessToken({ audience: "billing-test" })],
		["expired", () => accessToken({ expiresIn: -1 })],
		["without an end", () => accessToken({ expiresIn: null })],
		["without a beginning", () => accessToken({ issuedAt: null })],
		["of nobody", () => accessToken({ subject: null })],
		["without an e-mail address", () => accessToken({ email: "" })],
	])("%s", async (_, token) => {
		await expectRefusal(401, "unauthenticated", await token());
	});
});

it("403 for somebody without a role here", async () => {
	await expectRefusal(403, "not_staff", await accessToken({ email: "visitor@squad.example" }));
});

describe("503 while staff cannot be told from anybody else:", () => {
	it.each<[string, Partial<SysopsBindings>]>([
		["no issuer is configured", { ACCESS_ISSUER: "" }],
		["no audience is configured", { ACCESS_AUDIENCE: "" }],
	])("%s", async (_, config) => {
		await expectRefusal(503, "unavailable", await accessToken(), config);
		await expectRefusal(503, "unavailable", undefined, config);
	});

	it.each([
		["cannot be reached", "https://down.test", undefined],
		["answers 500", "https://broken.test", () => new Response("oops", { status: 500 })],
		["answers with a page", "https://page.test", () => new Response("<html>")],
		["answers with no keys", "https://empty.test", () => Response.json({ error: "later" })],
	] as const)("Access %s", async (_, issuer, certs) => {
		serveCerts({ [access.issuer]: goodCerts, ...(certs ? { [issuer]: certs } : {}) });

		await expectRefusal(503, "unavailable", await accessToken({ issuer }), { ACCESS_ISSUER: issuer });
	});
});

it("the keys are fetched once, not for each request", async () => {
	const issuer = "https://counted.test";
	const asked = serveCerts({ [issuer]: goodCerts });

	for (let i = 0; i < 3; i++) await ask("/api/v1/tickets", await accessToken({ issuer }), { ACCESS_ISSUER: issuer });

	expect(asked).toEqual([`${issuer}/cdn-cgi/access/certs`]);
});
