import { beforeAll, describe, expect, it } from "vitest";
import { browserOf } from "../../shared/testing/browser.ts";
import { cardsPath } from "../../shared/testing/card-holder.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { ask, type Customer, givenCustomer, ticketsPath } from "../../shared/testing/customers.ts";
import { identityThat, withIdentity } from "../../shared/testing/fake-identity.ts";
import { someTicket } from "../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../shared/testing/migrations.ts";
import worker from "./index.ts";

let customer: Customer;
beforeAll(async () => {
	await migrateDatabases();
	customer = await givenCustomer();
});

const json = JSON.stringify(someTicket);
const form = new URLSearchParams(someTicket).toString();
const own = "https://customer.test";
const types = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""];

/** Posts to paths that are there and that are not, with the cookies of who is signed in. */
async function post(type: string, headers: Record<string, string>, method = "POST") {
	const identity = identityThat({});
	const body = type === "application/json" ? json : form;
	const answers = [];
	for (const path of [
		ticketsPath,
		`${cardsPath}/intents`,
		`${cardsPath}/x`,
		"/api/auth/sign-out",
		"/api/auth/change-email/cancel",
		"/sign-in",
		"/nothing",
	]) {
		const browser = browserOf(worker, withIdentity(identity), { session: customer.token, refresh: "secret" });
		const stream = new Blob([body]).stream(); // a text would come with a type
		const sent = type === "" ? {} : { "content-type": type };
		answers.push(await browser.ask(path, { method, body: stream, headers: { ...sent, ...headers } }));
	}
	return { answers, asked: identity.asked };
}

describe.each(types)("row 20: a body of type '%s' from another site", (type) => {
	it.each<[string, Record<string, string>]>([
		["another origin", { origin: "https://evil.test" }],
		["our host without TLS", { origin: "http://customer.test" }],
		["another port", { origin: `${own}:8443` }],
		["a host that begins like ours", { origin: `${own}.evil.test` }],
		["an origin that is hidden", { origin: "null" }],
		["an origin that is hidden, on another site", { origin: "null", "sec-fetch-site": "cross-site" }],
		["another site", { "sec-fetch-site": "cross-site" }],
		["another host of our site", { "sec-fetch-site": "same-site" }],
		["another site, whatever its origin says", { "sec-fetch-site": "cross-site", origin: own }],
		["another origin, whatever its site says", { "sec-fetch-site": "same-origin", origin: "https://evil.test" }],
	])("%s: 403, and nothing happens", async (_, headers) => {
		const before = await contentsOf(customer.database);

		const { answers, asked } = await post(type, headers);

		for (const answer of answers) {
			expect(answer.status).toBe(403);
			if (answer.body) expect(answer.body.code).toBe("cross_site"); // pages say it in words
			expect(answer.headers.getSetCookie()).toEqual([]);
		}
		expect(asked).toEqual([]);
		expect(await contentsOf(customer.database)).toEqual(before);
	});
});

it.each(["PUT", "PATCH", "DELETE"])("row 20: %s from another site: 403", async (method) => {
	const { answers } = await post("application/json", { origin: "https://evil.test" }, method);

	expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(403));
});

it("row 20: a form with cookies that does not say where it comes from: 403", async () => {
	for (const type of types.filter((one) => one !== "application/json")) {
		const { answers } = await post(type, {});
		expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(403));
	}
});

it.each<[string, Record<string, string>]>([
	["its own origin", { origin: own }],
	["its own origin and site", { origin: own, "sec-fetch-site": "same-origin" }],
	["its own site, with an origin that is hidden", { origin: "null", "sec-fetch-site": "same-origin" }],
	["no site but a person", { origin: own, "sec-fetch-site": "none" }],
	["nothing, like a client that is no browser", {}],
])("a request that names %s goes through", async (_, headers) => {
	const browser = browserOf(worker, withIdentity(identityThat({})), { session: customer.token });
	const init = { method: "POST", body: json, headers: { "content-type": "application/json", ...headers } };

	expect((await browser.ask(ticketsPath, init)).status).toBe(202);
});

it.each(["PUT", "PATCH", "DELETE"])(
	"row 20: %s, which no form sends, goes through without a body or its type",
	async (method) => {
		const browser = browserOf(worker, withIdentity(identityThat({})), { session: customer.token });

		expect((await browser.ask(`${cardsPath}/nothing`, { method })).status).toBe(404);
		expect((await browser.ask(`${cardsPath}/nothing`, { method: "POST" })).status).toBe(403);
	},
);

it("reading is not refused: a link on another site may lead here", async () => {
	const headers = customer.headers({ "sec-fetch-site": "cross-site", origin: "https://evil.test" });

	expect((await ask(ticketsPath, { headers })).status).toBe(200);
});
