import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Identity } from "../../../shared/identity.ts";
import { browserOf, setCookies } from "../../../shared/testing/browser.ts";
import { type Customer, databaseOf, givenCustomer, sessionTokenOf, ticketsPath } from "../../../shared/testing/customers.ts";
import { observe, rowsOf } from "../../../shared/testing/database.ts";
import { done, identityThat, refreshedAs, refusing, signedInAs, withIdentity } from "../../../shared/testing/fake-identity.ts";
import { newId, someTicket } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { minutes } from "../../../shared/time.ts";
import worker from "../index.ts";

let customer: Customer;

beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer({ profile: null });
});

const auth = "/api/auth";
const email = "ada@penultimate.example";
const code = { email, otp: "7Q2K M4XZ" };
const browserWith = (identity: Identity, cookies: Record<string, string> = {}, more: Partial<Cloudflare.Env> = {}) =>
	browserOf(worker, withIdentity(identity, more), cookies);
const revoked = (id: string) => rowsOf(databaseOf("00"), "select session_id from revoked_sessions where session_id = ?", id);

describe("a code", () => {
	it("is asked for with a secret that only this browser has, the same each time", async () => {
		const given: unknown[] = [];
		const identity = identityThat({ requestCode: (input) => given.push(input) && done() });
		const [browser, other] = [browserWith(identity), browserWith(identity)];

		const answer = await browser.post(`${auth}/email-otp/send-verification-otp`, { email: ` ${email} ` });
		await browser.post(`${auth}/email-otp/send-verification-otp`, { email });
		await other.post(`${auth}/email-otp/send-verification-otp`, { email });

		expect(answer).toMatchObject({ status: 200, body: {} });
		const cookie = setCookies(answer.headers).get("__Host-browser");
		expect(cookie?.attributes).toEqual(expect.arrayContaining(["httponly", "secure", "samesite=lax", "path=/"]));
		expect(cookie?.value).toMatch(/^[\w-]{22}$/);
		expect(given.slice(0, 2)).toEqual([
			{ email, browser: cookie?.value },
			{ email, browser: cookie?.value },
		]);
		expect(given[2]).not.toMatchObject({ browser: cookie?.value });
	});

	it.each(["", "x", "y".repeat(4000)])("is bound to a new secret when the browser has none that we gave it", async (browser) => {
		const given: unknown[] = [];
		const identity = identityThat({ requestCode: (input) => given.push(input) && done() });

		await browserWith(identity, { browser }).post(`${auth}/email-otp/send-verification-otp`, { email });

		expect(given).toEqual([{ email, browser: expect.stringMatching(/^[\w-]{22}$/) }]);
	});

	it("signs in: the browser gets its cookies, the shard its profile, and no body holds identity's secret", async () => {
		const asked: unknown[] = [];
		const identity = identityThat({ signInWithCode: (input) => asked.push(input) && signedInAs(customer) });
		const browser = browserWith(identity, { browser: "b".repeat(22) });

		const answer = await browser.post(`${auth}/sign-in/email-otp`, code, { "user-agent": `Fire\tfox ${"x".repeat(300)}` });

		expect(asked).toEqual([{ email, code: code.otp, browser: "b".repeat(22), userAgent: `Firefox ${"x".repeat(192)}` }]);
		expect(answer).toMatchObject({ status: 200, body: { customerId: customer.id, token: customer.token, expiresIn: 300 } });
		expect(answer.text).not.toContain("secret");
		expect(answer.headers.get("cache-control")).toBe("no-store");
		const refresh = setCookies(answer.headers).get("__Host-refresh");
		expect(refresh?.attributes).toEqual(
			expect.arrayContaining(["httponly", "secure", "samesite=lax", "path=/", "max-age=604800"]),
		);
		expect(browser.cookies.has("__Host-browser")).toBe(false);
		expect((await browser.get(ticketsPath)).status).toBe(200);
		const profiles = await rowsOf(databaseOf("00"), "select email from profiles where customer_id = ?", customer.id);
		expect(profiles).toEqual([{ email }]);
	});

	it("row 31: what somebody has put into the browser before is no part of the session", async () => {
		const planted = { session: "planted", refresh: "planted", browser: "x".repeat(22) };
		const identity = identityThat({ signInWithCode: () => signedInAs(customer) });
		const browser = browserWith(identity, planted);

		await browser.post(`${auth}/sign-in/email-otp`, code);

		expect(browser.cookies.get("__Host-session")).toBe(customer.token);
		expect(browser.cookies.get("__Host-refresh")).toBe(signedInAs(customer).secret);
		expect([...browser.cookies.values()]).not.toContain("planted");
	});

	it("row 30: sessions that the sign-in has ended change nothing any more", async () => {
		const stolen = await givenCustomer();
		const identity = identityThat({
			signInWithCode: () => signedInAs(stolen, { sessionId: newId("ses", "00"), ended: [stolen.sessionId] }),
		});

		await browserWith(identity, { browser: "b".repeat(22) }).post(`${auth}/sign-in/email-otp`, code);

		expect(await stolen.post(ticketsPath, someTicket)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
	});

	it("of another browser is a wrong code", async () => {
		const identity = identityThat({ signInWithCode: () => signedInAs(customer) });

		const answer = await browserWith(identity).post(`${auth}/sign-in/email-otp`, code);

		expect(answer).toMatchObject({ status: 422, body: { code: "wrong_code" } });
		expect(answer.headers.getSetCookie()).toEqual([]);
	});

	it("signs nobody in while the shard cannot be written to", async () => {
		const database = Object.assign(observe(env.CUSTOMER_DB_00), { down: true });
		const broken = { withSession: () => ({ ...database, getBookmark: () => null }) } as unknown as D1Database; // what requests use
		const identity = identityThat({ signInWithCode: () => signedInAs(customer) });
		const browser = browserWith(identity, { browser: "b".repeat(22) }, { CUSTOMER_DB_00: broken });

		const answer = await browser.post(`${auth}/sign-in/email-otp`, code);

		expect(answer.status).toBe(500);
		expect([...browser.cookies.keys()]).toEqual(["__Host-browser"]);
	});
});

it.each([
	["wrong_code", 422, "wrong_code", null],
	["too_many_codes", 429, "too_many_codes", "3600"],
	["signed_out", 401, "session_revoked", null],
])("when identity says %s the answer is %i %s, without a session", async (refused, status, problem, again) => {
	const identity = identityThat({ requestCode: refusing(refused), signInWithCode: refusing(refused) });
	const browser = browserWith(identity, { browser: "b".repeat(22) });

	for (const [path, body] of [
		["email-otp/send-verification-otp", { email }],
		["sign-in/email-otp", code],
	] as const) {
		const answer = await browser.post(`${auth}/${path}`, body);
		expect(answer).toMatchObject({ status, body: { code: problem } });
		expect(answer.headers.get("retry-after")).toBe(again);
		expect(browser.cookies.has("__Host-session") || browser.cookies.has("__Host-refresh")).toBe(false);
	}
});

it("row 13: a passkey signs in by the challenge in its cookie, once, whatever is in it", async () => {
	const asked: unknown[] = [];
	const identity = identityThat({
		passkeySignInOptions: () => ({ options: { rpId: "customer.test" }, challenge: "a; challenge=\r\n1" }),
		signInWithPasskey: (input) => asked.push(input) && signedInAs(customer),
	});
	const browser = browserWith(identity);

	const options = await browser.get(`${auth}/passkey/generate-authenticate-options`);
	expect(options).toMatchObject({ status: 200, body: { rpId: "customer.test" } });
	expect(options.text).not.toContain("challenge");
	expect(options.headers.getSetCookie().join()).not.toMatch(/[\r\n]/);
	const answer = await browser.post(`${auth}/passkey/verify-authentication`, { response: { id: "key" } });

	expect(asked).toEqual([{ challenge: "a; challenge=\r\n1", response: { id: "key" }, userAgent: "" }]);
	expect(answer).toMatchObject({ status: 200, body: { customerId: customer.id } });
	expect(browser.cookies.has("__Host-refresh")).toBe(true);
	expect(await browser.post(`${auth}/passkey/verify-authentication`, { response: { id: "key" } })).toMatchObject({
		status: 422,
		body: { code: "wrong_passkey" },
	});
});

describe("signing out", () => {
	it("row 30: tells the shard before identity, and the old cookie changes nothing any more", async () => {
		const mine = await givenCustomer();
		let told: unknown[] = [];
		const identity = identityThat({
			refresh: () => refreshedAs(mine),
			endSessions: async (input) => {
				told = [input, ...(await revoked(mine.sessionId))];
				return { customerId: mine.id, ended: [mine.sessionId] };
			},
		});
		const cookies = { session: mine.token, refresh: "mine" };
		const browser = browserWith(identity, cookies);

		expect((await browser.post(`${auth}/sign-out`)).status).toBe(200);

		expect(told).toEqual([{ secret: "mine", which: "this" }, { session_id: mine.sessionId }]);
		expect([...browser.cookies.keys()]).toEqual([]);
		const old = await browserWith(identity, cookies).post(ticketsPath, someTicket);
		expect(old).toMatchObject({ status: 401, body: { code: "session_revoked" } });
	});

	it("keeps the cookies while identity is away, so that it can be repeated", async () => {
		const mine = await givenCustomer();
		const browser = browserWith(identityThat({ refresh: () => refreshedAs(mine) }), { session: mine.token, refresh: "mine" });

		expect(await browser.post(`${auth}/sign-out`)).toMatchObject({ status: 503, body: { code: "unavailable" } });

		expect([...browser.cookies.keys()]).toEqual(["__Host-session", "__Host-refresh"]);
		expect(await browser.post(ticketsPath, someTicket)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
	});

	it("row 30: tells the shard by the token while identity is away, also by one of 59 minutes", async () => {
		for (const age of [0, 59 * minutes]) {
			const mine = await givenCustomer();
			const issuedAt = Math.floor((Date.now() - age) / 1000);
			const session = await sessionTokenOf({ sub: mine.id, sid: mine.sessionId }, { issuedAt });
			const browser = browserWith(identityThat({}), { session, refresh: "mine" });

			expect(await browser.post(`${auth}/sign-out`)).toMatchObject({ status: 503, body: { code: "unavailable" } });

			expect(await mine.post(ticketsPath, someTicket)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		}
	});

	it("of who has signed out already, or never in, is fine", async () => {
		const gone = browserWith(identityThat({ refresh: refusing("signed_out") }), { session: "old", refresh: "old" });

		expect((await gone.post(`${auth}/sign-out`)).status).toBe(200);
		expect((await browserWith(identityThat({})).post(`${auth}/sign-out`)).status).toBe(200);
		expect([...gone.cookies.keys()]).toEqual([]);
	});

	it("is more than a token in a header can do", async () => {
		expect(await customer.post(`${auth}/sign-out`, {})).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
	});
});

describe("a token for clients that send it themselves", () => {
	it("comes for the cookie", async () => {
		const browser = browserWith(identityThat({ refresh: () => refreshedAs(customer) }), { refresh: "mine" });

		const answer = await browser.post<{ token: string }>(`${auth}/token`);

		expect(answer).toMatchObject({ status: 200, body: { token: customer.token, expiresIn: 300 } });
		expect((await customer.get(ticketsPath)).status).toBe(200);
	});

	it.each([
		["not without it", {}, 401, "unauthenticated"],
		["not for a session that has ended", { refresh: "old" }, 401, "session_revoked"],
	])("%s", async (_, cookies, status, problem) => {
		const browser = browserWith(identityThat({ refresh: refusing("signed_out") }), cookies);

		expect(await browser.post(`${auth}/token`)).toMatchObject({ status, body: { code: problem } });
		expect([...browser.cookies.keys()]).toEqual([]);
	});
});
