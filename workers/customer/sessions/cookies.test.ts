import { beforeAll, describe, expect, it } from "vitest";
import { type Browser, browserOf, setCookies } from "../../../shared/testing/browser.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, givenCustomer, givenTicket, sessionTokenOf, ticketsPath } from "../../../shared/testing/customers.ts";
import { type FakeIdentity, identityThat, refreshedAs, refusing, withIdentity } from "../../../shared/testing/fake-identity.ts";
import { newId, someTicket } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { minutes } from "../../../shared/time.ts";
import worker from "../index.ts";

let customer: Customer;
let ticketId: string;

beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
	ticketId = (await givenTicket(customer)).id;
});

const browserWith = (identity: FakeIdentity, cookies: Record<string, string> = {}) =>
	browserOf(worker, withIdentity(identity), cookies);

/** A token that is so old, in milliseconds. */
const tokenOfAge = (age: number) =>
	sessionTokenOf({ sub: customer.id, sid: customer.sessionId }, { issuedAt: Math.floor((Date.now() - age) / 1000) });

const secret = "a-secret";
const comment = () => [`${ticketsPath}/${ticketId}/comments`, { text: "Hello?" }] as const;

describe("a session in cookies", () => {
	it("is as good as a token in a header, and identity is not asked", async () => {
		const identity = identityThat({});
		const browser = browserWith(identity, { session: customer.token, refresh: secret });

		expect((await browser.get(ticketsPath)).status).toBe(200);
		expect((await browser.post(...comment())).status).toBe(202);
		expect(identity.asked).toEqual([]);
	});

	it.each([
		["that has expired", async () => ({ session: await tokenOfAge(6 * minutes), refresh: secret })],
		["whose token the browser has dropped", async () => ({ refresh: secret })],
		["whose token is garbage", async () => ({ session: "garbage", refresh: secret })],
	])("%s is renewed by identity, once, in reads and changes", async (_, cookies) => {
		const identity = identityThat({ refresh: (input) => (input.secret === secret ? refreshedAs(customer) : undefined) });
		for (const act of [(of: Browser) => of.get(ticketsPath), (of: Browser) => of.post(...comment())]) {
			const browser = browserWith(identity, await cookies());

			const answer = await act(browser);

			expect([200, 202]).toContain(answer.status);
			const { value, attributes } = setCookies(answer.headers).get("__Host-session") ?? {};
			expect(value).toBe(customer.token);
			expect(attributes).toEqual(expect.arrayContaining(["httponly", "secure", "samesite=lax", "path=/", "max-age=3600"]));
			expect(attributes?.some((attribute) => attribute.startsWith("domain"))).toBe(false);
			await browser.get(ticketsPath);
		}
		expect(identity.asked).toEqual(["refresh", "refresh"]);
	});

	it("that identity knows no more is answered 401, and the browser forgets it", async () => {
		const browser = browserWith(identityThat({ refresh: refusing("signed_out") }), { refresh: secret, session: "garbage" });

		const answer = await browser.post(...comment());

		expect(answer).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		expect(answer.headers.get("cache-control")).toBe("no-store");
		expect([...browser.cookies.keys()]).toEqual([]);
	});

	it.each([
		["is nonsense", () => ({ token: 1 })],
		["is nothing", () => undefined],
		["is of somebody without an id", () => ({ ...refreshedAs(customer), customerId: "ada" })],
	])("is unavailable when what identity answers %s", async (_, refresh) => {
		expect(await browserWith(identityThat({ refresh }), { refresh: secret }).get(ticketsPath)).toMatchObject({
			status: 503,
			body: { code: "unavailable" },
		});
	});

	it("of a shard that is not here is no session", async () => {
		const refresh = () => ({ ...refreshedAs(customer), customerId: newId("cus", "ff") });

		expect((await browserWith(identityThat({ refresh }), { refresh: secret }).get(ticketsPath)).status).toBe(401);
	});

	it("is not looked at beside a token in a header, good or bad", async () => {
		const identity = identityThat({ refresh: () => refreshedAs(customer) });
		const other = await givenCustomer();
		const browser = browserWith(identity, { session: customer.token, refresh: secret });
		const asOther = { authorization: `Bearer ${other.token}` };

		expect((await browser.get<{ items: [] }>(ticketsPath, asOther)).body.items).toEqual([]);
		expect((await browser.get(ticketsPath, { authorization: "Bearer garbage" })).status).toBe(401);
		expect((await browser.get(ticketsPath, { authorization: `Basic ${customer.token}` })).status).toBe(401);
		expect(identity.asked).toEqual([]);
	});
});

describe("while identity is away", () => {
	const away = () => identityThat({});

	it.each([
		["in a cookie", (token: string) => ({ cookies: { session: token, refresh: secret }, headers: {} })],
		["in a header", (token: string) => ({ cookies: {}, headers: { authorization: `Bearer ${token}` } })],
	])("a token of 59 minutes %s is good for reads and for a ticket, and for nothing else", async (_, credentials) => {
		const { cookies, headers } = credentials(await tokenOfAge(59 * minutes));
		const browser = browserWith(away(), cookies);

		expect((await browser.get(ticketsPath, headers)).status).toBe(200);
		expect((await browser.post(ticketsPath, someTicket, headers)).status).toBe(202);
		const before = await contentsOf(customer.database);
		expect(await browser.post(...comment(), headers)).toMatchObject({ status: 503, body: { code: "unavailable" } });
		const cancellation = await browser.post(`${ticketsPath}/${ticketId}/cancellation`, {}, headers);
		expect(cancellation).toMatchObject({ status: 503, body: { code: "unavailable" } });
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("one of 61 minutes is good for nothing", async () => {
		const session = await tokenOfAge(61 * minutes);

		const cookie = await browserWith(away(), { session, refresh: secret }).get(ticketsPath);
		const header = await browserWith(away()).get(ticketsPath, { authorization: `Bearer ${session}` });
		const none = await browserWith(away(), { refresh: secret }).post(ticketsPath, someTicket);

		expect([cookie, header, none].map(({ status, body }) => [status, body.code])).toEqual([
			[503, "unavailable"],
			[401, "session_expired"],
			[503, "unavailable"],
		]);
	});

	it("row 30: a session that has been signed out submits no ticket by an old token either, and reads nothing", async () => {
		const gone = await givenCustomer();
		await gone.signOut();
		const session = await sessionTokenOf(
			{ sub: gone.id, sid: gone.sessionId },
			{ issuedAt: Math.floor((Date.now() - 30 * minutes) / 1000) },
		);

		for (const act of [(of: Browser) => of.get(ticketsPath), (of: Browser) => of.post(ticketsPath, someTicket)]) {
			const browser = browserWith(away(), { session, refresh: secret });
			expect(await act(browser)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
			expect([...browser.cookies.keys()].filter((name) => /session|refresh/.test(name))).toEqual([]);
		}
		const authorization = `Bearer ${session}`;
		expect(await browserWith(away()).get(ticketsPath, { authorization })).toMatchObject({ status: 401 });
	});

	it("a request waits two seconds for it, and for five more nobody waits", async () => {
		const identity = identityThat({ refresh: () => new Promise(() => {}) });
		const cookies = { session: await tokenOfAge(10 * minutes), refresh: secret };
		const timeOf = async () => {
			const before = performance.now();
			expect((await browserWith(identity, cookies).get(ticketsPath)).status).toBe(200);
			return performance.now() - before;
		};

		const [first, second] = [await timeOf(), await timeOf()];

		expect(first).toBeGreaterThan(1900);
		expect(first).toBeLessThan(3000);
		expect(second).toBeLessThan(500);
		expect(identity.asked).toEqual(["refresh"]);
	});
});

it.each([
	["knows nobody", refusing("signed_out")],
	["answers as if there were a session", () => refreshedAs(customer)],
])("a token in a header that has expired is worth nothing while identity %s", async (_, refresh) => {
	const identity = identityThat({ refresh });

	const answer = await browserWith(identity).get(ticketsPath, { authorization: `Bearer ${await tokenOfAge(6 * minutes)}` });

	expect(answer).toMatchObject({ status: 401, body: { code: "session_expired" } });
	expect(answer.headers.getSetCookie()).toEqual([]);
	expect(identity.asked).toEqual(["refresh"]);
});
