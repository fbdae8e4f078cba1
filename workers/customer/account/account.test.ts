import { beforeEach, describe, expect, it } from "vitest";
import type { Identity } from "../../../shared/identity.ts";
import { browserOf } from "../../../shared/testing/browser.ts";
import { type Customer, databaseOf, givenCustomer, ticketsPath } from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { type Answers, accountOf, done, identityThat, refusing, withIdentity } from "../../../shared/testing/fake-identity.ts";
import { newId, someTicket } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";

let customer: Customer;
beforeEach(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
});

const auth = "/api/auth";
const secret = "the-secret";
const email = "new@penultimate.example";
const browserWith = (identity: Identity, cookies: Record<string, string> = {}) =>
	browserOf(worker, withIdentity(identity), { session: customer.token, refresh: secret, ...cookies });
const revoked = async () =>
	(await rowsOf<{ session_id: string }>(databaseOf("00"), "select session_id from revoked_sessions")).map(
		(row) => row.session_id,
	);

describe("sessions", () => {
	it("are listed, and no secret with them", async () => {
		const answer = await browserWith(identityThat({ account: () => accountOf(customer) })).get<{ items: object[] }>(
			`${auth}/list-sessions`,
		);

		expect(answer.status).toBe(200);
		expect(answer.body.items).toHaveLength(2);
		expect(answer.body.items[0]).toEqual({
			id: customer.sessionId,
			createdAt: "1970-01-01T00:00:00.000Z",
			lastUsedAt: "1970-01-01T00:00:00.000Z",
			userAgent: "a browser",
			current: true,
		});
		expect(answer.text).not.toContain(secret);
	});

	it("row 30: the others are ended in the shard first, then by identity, also one that has just begun", async () => {
		const other = await givenCustomer();
		const [listed, begun] = [other.sessionId, newId("ses", "00")];
		let before: string[] = [];
		const identity = identityThat({
			account: () => accountOf(customer, [listed]),
			endSessions: async () => {
				before = await revoked();
				return { customerId: customer.id, ended: [listed, begun] };
			},
		});
		const browser = browserWith(identity);

		const answer = await browser.post(`${auth}/revoke-other-sessions`);

		expect(answer).toMatchObject({ status: 200, body: { ended: [listed, begun] } });
		expect(before).toContain(listed);
		expect(await revoked()).toEqual(expect.arrayContaining([listed, begun]));
		expect(await revoked()).not.toContain(customer.sessionId);
		expect((await other.post(ticketsPath, someTicket)).status).toBe(401);
		expect((await browser.post(ticketsPath, someTicket)).status).toBe(202);
	});

	it("are still listed and can be ended again when identity goes away in between", async () => {
		const listed = newId("ses", "00");
		const answers: Answers = { account: () => accountOf(customer, [listed]) };
		const browser = browserWith(identityThat(answers));

		expect((await browser.post(`${auth}/revoke-session`, { id: listed })).status).toBe(503);
		expect(await revoked()).toContain(listed);
		answers.endSessions = () => ({ customerId: customer.id, ended: [listed] });
		expect(await browser.post(`${auth}/revoke-session`, { id: listed })).toMatchObject({
			status: 200,
			body: { ended: [listed] },
		});
	});

	it("row 1: of somebody else are not ended", async () => {
		const other = await givenCustomer();
		const identity = identityThat({
			account: () => accountOf(customer, []),
			endSessions: () => ({ customerId: customer.id, ended: [] }),
		});

		const answer = await browserWith(identity).post(`${auth}/revoke-session`, { id: other.sessionId });

		expect(answer).toMatchObject({ status: 200, body: { ended: [] } });
		expect((await other.post(ticketsPath, someTicket)).status).toBe(202);
	});

	it("this one can be named too: the browser forgets it", async () => {
		const identity = identityThat({
			account: () => accountOf(customer),
			endSessions: () => ({ customerId: customer.id, ended: [customer.sessionId] }),
		});
		const browser = browserWith(identity);

		expect((await browser.post(`${auth}/revoke-session`, { id: customer.sessionId })).status).toBe(200);
		expect([...browser.cookies.keys()].filter((name) => /session|refresh/.test(name))).toEqual([]);
	});
});

it("the e-mail address is changed by a code to the new one, in the browser that asked", async () => {
	const asked: unknown[] = [];
	const noting = (input: object) => asked.push(input) && done();
	const identity = identityThat({ requestEmailChange: noting, confirmEmailChange: noting, cancelEmailChange: noting });
	const browser = browserWith(identity);

	expect(await browser.post(`${auth}/change-email/confirm`, { email, otp: "1" })).toMatchObject({ body: { code: "wrong_code" } });
	expect((await browser.post(`${auth}/change-email`, { email })).status).toBe(200);
	const binding = browser.cookies.get("__Host-browser");
	expect((await browser.post(`${auth}/change-email/confirm`, { email, otp: " 7Q2K M4XZ " })).status).toBe(200);
	expect((await browser.post(`${auth}/change-email/cancel`)).status).toBe(200);

	expect(asked).toEqual([
		{ secret, email, browser: binding },
		{ secret, email, code: "7Q2K M4XZ", browser: binding },
		{ secret },
	]);
});

it("a passkey is made by the challenge in its cookie, with its name, and removed", async () => {
	const asked: unknown[] = [];
	const noting = (input: object) => asked.push(input) && done();
	const identity = identityThat({
		passkeyRegistrationOptions: () => ({ options: { rp: {} }, challenge: "c" }),
		registerPasskey: noting,
		removePasskey: noting,
	});
	const browser = browserWith(identity);

	expect((await browser.get(`${auth}/passkey/generate-register-options`)).body).toEqual({ rp: {} });
	const made = { name: " My key ", response: { id: "k" } };
	expect((await browser.post(`${auth}/passkey/verify-registration`, made)).status).toBe(200);
	expect(await browser.post(`${auth}/passkey/verify-registration`, made)).toMatchObject({ body: { code: "wrong_passkey" } });
	expect((await browser.post(`${auth}/passkey/delete-passkey`, { id: "k" })).status).toBe(200);

	expect(asked).toEqual([
		{ secret, challenge: "c", name: "My key", response: { id: "k" } },
		{ secret, passkeyId: "k" },
	]);
});

const challenge = { challenge: "c", browser: "b".repeat(22) };
/** Every route for who is signed in, with a body that is right. */
const routes: [method: "GET" | "POST", path: string, body?: Record<string, unknown>][] = [
	["GET", "list-sessions"],
	["POST", "revoke-session", { id: newId("ses", "00") }],
	["POST", "revoke-other-sessions", {}],
	["GET", "passkey/generate-register-options"],
	["POST", "passkey/verify-registration", { response: {} }],
	["POST", "passkey/delete-passkey", { id: "k" }],
	["POST", "change-email", { email }],
	["POST", "change-email/confirm", { email, otp: "1" }],
	["POST", "change-email/cancel", {}],
];

describe.each(routes)("%s /api/auth/%s", (method, path, body) => {
	const call = (identity: Identity) => {
		const browser = browserWith(identity, challenge);
		return method === "GET" ? browser.get(`${auth}/${path}`) : browser.post(`${auth}/${path}`, body);
	};

	it("is 401 for who is not signed in, and for a token that has no cookie beside it", async () => {
		const init = method === "GET" ? { method } : { method, body: JSON.stringify(body) };
		const browser = browserOf(worker, withIdentity(identityThat({})));
		for (const authorization of [undefined, `Bearer ${customer.token}`]) {
			const headers = { "content-type": "application/json", ...(authorization ? { authorization } : {}) };
			expect(await browser.ask(`${auth}/${path}`, { ...init, headers })).toMatchObject({
				status: 401,
				body: { code: "unauthenticated" },
			});
		}
	});

	it.each([
		["signed_out", 401, "session_revoked"],
		["not_fresh", 403, "session_not_fresh"],
		["held", 409, "change_held"],
	])("is refused when identity says %s", async (refused, status, code) => {
		const refuse = refusing(refused);
		const identity = identityThat({
			account: refuse,
			requestEmailChange: refuse,
			confirmEmailChange: refuse,
			cancelEmailChange: refuse,
			passkeyRegistrationOptions: refuse,
			registerPasskey: refuse,
			removePasskey: refuse,
		});

		expect(await call(identity)).toMatchObject({ status, body: { code } });
	});

	it("is unavailable while identity is away", async () => {
		expect(await call(identityThat({}))).toMatchObject({ status: 503, body: { code: "unavailable" } });
	});
});

it("an id that is too long for a passkey's is refused before identity is asked, which would not take it", async () => {
	const identity = identityThat({});
	const browser = browserWith(identity);

	for (const id of ["", "k".repeat(101)])
		expect(await browser.post(`${auth}/passkey/delete-passkey`, { id })).toMatchObject({ status: 422 });
	expect(identity.asked).toEqual([]);
});

it.each(routes.filter(([method]) => method === "POST"))("row 2: %s /api/auth/%s takes no extra field", async (_, path, body) => {
	const answer = await browserWith(identityThat({}), challenge).post(`${auth}/${path}`, { ...body, role: "admin" });

	expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ rule: "unknown_field" }] } });
});
