import { Hono } from "hono/tiny";
import { beforeAll, describe, expect, it } from "vitest";
import { onError, Problem } from "../../../shared/http/problem.ts";
import { withCtx } from "../../../shared/http/with-ctx.ts";
import { browserOf, setCookies } from "../../../shared/testing/browser.ts";
import { type Customer, givenCustomer } from "../../../shared/testing/customers.ts";
import { type FakeIdentity, identityThat, refreshedAs, refusing, withIdentity } from "../../../shared/testing/fake-identity.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { type App, requestCtx } from "../context.ts";
import { afterAnswer } from "./after-answer.ts";
import { pathOf } from "./next-path.ts";
import { allowGrace, optionalSession, requireSignIn } from "./require-session.ts";

let customer: Customer;
beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
});

/** Pages as features have them. */
const pages = new Hono<App>()
	.use(withCtx<App>(requestCtx))
	.use(afterAnswer)
	.get("/", optionalSession, (c) => c.text(c.get("visitor")?.customerId ?? "a stranger"))
	.post("/tickets/new", allowGrace)
	.use(requireSignIn)
	.get("*", (c) => c.text(c.get("session").customerId))
	.post("/tickets/new", (c) => c.text("taken"))
	.post("/plan", () => {
		throw new Problem("session_revoked"); // as a verb's guard does
	})
	.onError(onError);

const browserWith = (identity: FakeIdentity, cookies: Record<string, string> = {}) =>
	browserOf({ fetch: (request, env, execution) => pages.fetch(request, env, execution) }, withIdentity(identity), cookies);
const nobody = () => identityThat({ refresh: refusing("signed_out") });
const form = { "content-type": "application/x-www-form-urlencoded" };

describe("a page for who is signed in", () => {
	it("is shown to them, renewed if need be, and kept by no cache", async () => {
		const valid = await browserWith(identityThat({}), { session: customer.token }).get("/tickets");
		const renewed = await browserWith(identityThat({ refresh: () => refreshedAs(customer) }), { refresh: "s" }).get("/tickets");

		expect([valid.text, renewed.text]).toEqual([customer.id, customer.id]);
		expect(valid.headers.get("cache-control")).toBe("no-store");
		expect(setCookies(renewed.headers).get("__Host-session")?.value).toBe(customer.token);
	});

	it.each([
		["nobody", {}],
		["whose session has ended", { session: "old", refresh: "old" }],
	])("leads %s to the sign-in, and from there back", async (_, cookies) => {
		const browser = browserWith(nobody(), cookies);

		const answer = await browser.get("/tickets?cursor=abc");

		expect(answer).toMatchObject({ status: 303, text: "" });
		expect(answer.headers.get("location")).toBe("/sign-in?next=%2Ftickets%3Fcursor%3Dabc");
		expect(answer.headers.get("cache-control")).toBe("no-store");
		expect([...browser.cookies.keys()]).toEqual([]);
	});

	it("answers 401 to who sends a form, so that they can be given it back", async () => {
		const answer = await browserWith(nobody()).ask("/tickets/new", { method: "POST", body: "a=b", headers: form });

		expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
	});

	it("row 30: answers 401 to who was signed out elsewhere and changes something, and forgets their cookies", async () => {
		const browser = browserWith(identityThat({}), { session: customer.token, refresh: "s" });

		const answer = await browser.ask("/plan", { method: "POST", body: "a=b", headers: form });

		expect(answer).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		expect([...browser.cookies.keys()]).toEqual([]);
	});

	it("says so when nobody can tell who it is", async () => {
		const browser = browserWith(identityThat({}), { refresh: "s" });

		expect((await browser.get("/tickets")).status).toBe(503);
		expect((await browser.ask("/tickets/new", { method: "POST", headers: form })).status).toBe(503);
		expect([...browser.cookies.keys()]).toEqual(["__Host-refresh"]);
	});
});

describe("a public page", () => {
	it.each<[string, Record<string, string>, () => FakeIdentity, string[]]>([
		["a stranger, without asking identity", {}, () => identityThat({}), []],
		["a stranger while identity is away", { refresh: "s" }, () => identityThat({}), ["refresh"]],
		["a stranger, with a session that has ended", { session: "old", refresh: "old" }, nobody, ["refresh"]],
	])("is shown to %s", async (_, cookies, identity, asked) => {
		const fake = identity();
		const answer = await browserWith(fake, cookies).get("/");

		expect(answer).toMatchObject({ status: 200, text: "a stranger" });
		expect(fake.asked).toEqual(asked);
		expect(answer.headers.get("cache-control")).toBe(Object.keys(cookies).length > 0 ? "no-store" : null);
	});

	it("knows who is signed in, and is then kept by no cache", async () => {
		const answer = await browserWith(identityThat({}), { session: customer.token }).get("/");

		expect(answer.text).toBe(customer.id);
		expect(answer.headers.get("cache-control")).toBe("no-store");
	});

	it("forgets a session that has ended", async () => {
		const browser = browserWith(nobody(), { session: "old", refresh: "old" });

		await browser.get("/");

		expect([...browser.cookies.keys()]).toEqual([]);
	});
});

describe("row 17: where somebody is led after signing in", () => {
	it.each(["/tickets", "/tickets/new", "/tickets/tkt_000abc", "/tickets?cursor=W10", "/plan/edit", "/account"])(
		"%s is one of our pages",
		(path) => {
			expect(pathOf(path)).toBe(path);
		},
	);

	it.each([
		"//evil.test",
		"/\\evil.test",
		"\\\\evil.test",
		"/%5cevil.test",
		"/%2fevil.test",
		"/tickets/%2e%2e/%2fevil.test",
		"/tickets/../..//evil.test",
		"/tickets//evil.test",
		"https://evil.test/tickets",
		"javascript:alert(1)",
		"/\t/evil.test",
		"/tickets\r\nset-cookie: a=b",
		"/tickets\n",
		"/tickets#//evil.test",
		"/tickets?next=//evil.test",
		"/sign-out",
		"/api/v1/tickets",
		"tickets",
		" /tickets",
		"",
		undefined,
	])("%j is not", (path) => {
		expect(pathOf(path)).toBe("/");
	});

	it.each(["//evil.test", "/%5cevil.test", "/tickets//evil.test"])("%s is not led back to when it is asked for", async (path) => {
		const answer = await browserWith(nobody()).get(path);

		expect(answer.status).toBe(303);
		expect(answer.headers.get("location")).toBe("/sign-in");
	});
});

it.each(["/tickets/%0d%0aset-cookie:a=b", "/tickets?cursor=%0d%0aset-cookie:a=b", "/tickets?cursor=a%0Ab"])(
	"row 13: %s does not get into a header",
	async (path) => {
		const answer = await browserWith(nobody()).get(path);

		expect(answer.headers.get("location")).toBe("/sign-in");
		expect(answer.headers.getSetCookie()).toEqual([]);
	},
);
