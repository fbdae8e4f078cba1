import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { browserOf } from "../../shared/testing/browser.ts";
import { type Customer, givenCustomer, ticketsPath } from "../../shared/testing/customers.ts";
import { done, identityThat, refusing, withIdentity } from "../../shared/testing/fake-identity.ts";
import { someTicket } from "../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import { Visitor } from "../../shared/testing/pages.ts";
import { chosenAnswers, givenSurvey, someAnswers, surveysPath } from "../../shared/testing/surveys.ts";
import worker from "./index.ts";

beforeAll(migrateDatabases);

const email = "ada@penultimate.example";
const codePath = "/api/auth/email-otp/send-verification-otp";

/** Lets so many through for each key. */
function limiterOf(most: number): RateLimit {
	const counts = new Map<string, number>();
	return {
		limit: async ({ key }) => {
			const count = (counts.get(key) ?? 0) + 1;
			counts.set(key, count);
			return { success: count <= most };
		},
	};
}

const browserWith = (limits: Partial<Cloudflare.Env>, { token }: Partial<Customer> = {}) =>
	browserOf(
		worker,
		withIdentity(identityThat({ requestCode: done, refresh: refusing("signed_out") }), limits),
		token ? { session: token } : {},
	);

describe("signing in", () => {
	it("is limited for each client's address, whatever it asks for", async () => {
		const browser = browserWith({ SIGN_IN_LIMIT: limiterOf(2) });
		const from = (address: string) => ({ "cf-connecting-ip": address });

		const [first, second, third] = [
			await browser.post(codePath, { email }, from("192.0.2.1")),
			await browser.post("/api/auth/sign-in/email-otp", { email, otp: "1" }, from("192.0.2.1")),
			await browser.post(codePath, { email: "other@penultimate.example" }, from("192.0.2.1")),
		];
		const other = await browser.post(codePath, { email }, from("192.0.2.2"));

		expect([first.status, second.status, other.status]).toEqual([200, 503, 200]);
		expect(third).toMatchObject({ status: 429, body: { code: "rate_limited" } });
		expect(third.headers.get("retry-after")).toBe("60");
		expect(third.headers.get("cache-control")).toBe("no-store");
	});

	it.each([
		["/sign-in", { email, next: "" }],
		["/sign-in/code", { email, code: "ABCD-EFGH", next: "" }],
	])("is limited in the form of %s too, which says so", async (path, fields) => {
		const visitor = new Visitor(browserWith({ SIGN_IN_LIMIT: limiterOf(1) }));
		await visitor.submit(path, fields);

		const second = await visitor.submit(path, fields);

		expect(second).toMatchObject({ status: 429, text: expect.stringContaining("That was a little fast") });
		expect(second.headers.get("retry-after")).toBe("60");
	});
});

describe("a secret beside no token of ours", () => {
	it("is limited for each client's address before identity is asked about it; who has a token is not counted", async () => {
		let asked = 0;
		const refresh = () => {
			asked += 1;
			return { refused: "signed_out" };
		};
		const withSecret = (cookies: Record<string, string>) =>
			browserOf(worker, withIdentity(identityThat({ refresh }), { SIGN_IN_LIMIT: limiterOf(1) }), cookies);
		const invented = { refresh: "invented", session: "invented" };
		const stranger = withSecret(invented);

		expect((await stranger.get(ticketsPath)).status).toBe(401);
		stranger.cookies.set("__Host-refresh", "invented"); // it does not care that it was cleared
		expect((await stranger.get(ticketsPath)).status).toBe(429);
		expect(asked).toBe(1);

		const { token } = await givenCustomer();
		const customer = withSecret({ refresh: "good", session: token });
		for (let i = 0; i < 3; i++) expect((await customer.get(ticketsPath)).status).toBe(200);
	});
});

describe("changes", () => {
	it("are limited for each customer, and reads are not", async () => {
		const limits = { CHANGE_LIMIT: limiterOf(1) };
		const [mine, theirs] = [await givenCustomer(), await givenCustomer()];
		const [me, them] = [browserWith(limits, mine), browserWith(limits, theirs)];

		expect((await me.post(ticketsPath, someTicket)).status).toBe(202);
		const refused = await me.post(ticketsPath, someTicket);
		expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
		expect(refused.headers.get("retry-after")).toBe("60");
		expect((await me.get<{ items: object[] }>(ticketsPath)).body.items).toHaveLength(1);
		expect((await them.post(ticketsPath, someTicket)).status).toBe(202);
	});
});

describe("answering a survey", () => {
	it("is limited for each client's address, whatever its token; a form is given back", async () => {
		const { token } = await givenSurvey();
		const browser = browserWith({ SIGN_IN_LIMIT: limiterOf(1) });
		const from = (address: string) => ({ "cf-connecting-ip": address });

		expect((await browser.post(`${surveysPath}/x`, someAnswers, from("192.0.2.1"))).status).toBe(404);
		const refused = await browser.post(`${surveysPath}/${token}`, someAnswers, from("192.0.2.1"));
		expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });

		const visitor = new Visitor(browserWith({ SIGN_IN_LIMIT: limiterOf(0) }));
		const form = await visitor.submit(`/surveys/${token}`, { ...chosenAnswers, key: "k" });
		expect(form).toMatchObject({ status: 429, text: expect.stringContaining("Send it again") });
		expect(form.headers.get("referrer-policy")).toBe("strict-origin");

		expect((await browser.post(`${surveysPath}/${token}`, someAnswers, from("192.0.2.2"))).status).toBe(202);
	});
});

it.each<[string, unknown]>([
	["fails", { limit: () => Promise.reject(new Error("no limiter today")) }],
	[
		"throws",
		{
			limit: () => {
				throw new Error("no limiter today");
			},
		},
	],
	["is not there", undefined],
])("a limiter that %s lets through", async (_, limiter) => {
	const limits = { SIGN_IN_LIMIT: limiter as RateLimit, CHANGE_LIMIT: limiter as RateLimit }; // that is the point
	const browser = browserWith(limits, await givenCustomer());

	expect((await browser.post(codePath, { email })).status).toBe(200);
	expect((await browser.post(ticketsPath, someTicket)).status).toBe(202);
});

it("the limiters of wrangler.toml are there", async () => {
	for (const limiter of [env.SIGN_IN_LIMIT, env.CHANGE_LIMIT]) {
		expect(await limiter.limit({ key: "somebody" })).toEqual({ success: true });
	}
});
