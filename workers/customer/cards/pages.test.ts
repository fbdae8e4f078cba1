import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { brands, CardReason } from "../../../shared/cards.ts";
import { everyHeaders } from "../../../shared/http/security-headers.ts";
import { givenCard } from "../../../shared/testing/card-rows.ts";
import { type Customer, givenCustomer, outboxOf } from "../../../shared/testing/customers.ts";
import { type Answers, done, refusing } from "../../../shared/testing/fake-identity.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { type Visitor, visitorOf } from "../../../shared/testing/pages.ts";
import { assets } from "../assets.ts";
import worker from "../index.ts";
import { mostCards } from "./card.ts";
import { reasonWords } from "./words.ts";

beforeAll(migrateDatabases);
let ada: Customer;
let visitor: Visitor;
const trusted: Answers = { checkTrust: done };
beforeEach(async () => {
	ada = await givenCustomer();
	visitor = visitorOf(worker, ada, trusted);
});

const locationOf = ({ status, headers }: { status: number; headers: Headers }) => `${status} ${headers.get("location")}`;

describe("the list of cards", () => {
	it("says that there is none, and where to add one", async () => {
		await givenCard(ada, { state: "open" });
		await givenCard(ada, { state: "removed" });
		await givenCard(await givenCustomer());

		const { text } = await visitor.get("/cards");

		expect(text).toContain("No cards yet");
		expect(text).toContain('<a class="button" href="/cards/new">');
		expect(text).not.toContain("4242");
	});

	it.each([
		[{ state: "submitted" }, "Being checked", ["Look again", "Remove"]],
		[{ state: "verified" }, "Ready", ["Replace", "Remove"]],
		[{ state: "verified", expYear: 2020 }, "It cannot be charged any more", ["Replace", "Remove"]],
		[{ state: "rejected", reason: "declined" }, "Ask your bank", ["Try again", "Remove"]],
	] as const)("shows of %j what it is, and what to do", async (given, words, actions) => {
		await givenCard(ada, given);

		const { text } = await visitor.get("/cards");

		expect(text).toContain("Visa ending in 4242");
		expect(text).toContain(`${"expYear" in given ? "Expired" : "Expires"} 08/${"expYear" in given ? 2020 : 2099}`);
		expect(text).toContain(words);
		const labels = [...text.matchAll(/<a class="link" href="[^"]+">([^<]+)<span class="visually-hidden">: Visa ending in 4242/g)];
		expect(labels.map(([, label]) => label)).toEqual(actions);
	});

	it("has words for every reason, that say what to do", () => {
		for (const reason of CardReason.options) expect(reasonWords[reason], reason).toMatch(/\b(Add|add|Check|Look|Ask)\b/);
	});
});

describe("the page of a new card", () => {
	it("has one script, and nothing that could be sent without it", async () => {
		const { status, text } = await visitor.get("/cards/new");
		const main = text.slice(text.indexOf("<main"));

		expect(status).toBe(200);
		expect(text.match(/<script/g)).toHaveLength(1);
		expect(text.slice(text.indexOf("<body"))).not.toMatch(/ name="| action=| method=/);
		expect(text.match(/<form/g)).toHaveLength(1);
		expect(main).toMatch(/<form class="form" novalidate="" hidden="" data-card="true"/);
		for (const filled of ["cc-number", "cc-exp"]) expect(main).toContain(`type="text" autocomplete="${filled}" value=""`);
		expect(main.match(/inputmode="numeric"/g)).toHaveLength(2);
		expect(main).toContain("This page needs JavaScript");
		expect(main).not.toContain("cc-csc");
	});

	it("hands the script the brands that are taken", async () => {
		const { text } = await visitor.get("/cards/new");

		const [, rules = ""] = /data-brands="([^"]*)"/.exec(text) ?? [];

		const expected = Object.entries(brands).map(([brand, { ranges, lengths }]) => [brand, { ranges, lengths }]);
		expect(JSON.parse(rules.replaceAll("&quot;", '"'))).toEqual(Object.fromEntries(expected));
	});

	it("may run that script, call two operations, and nothing else", async () => {
		const { headers } = await visitor.get("/cards/new");
		const origin = "https://customer.test";

		const policy = (headers.get("content-security-policy") ?? "").split("; ").map((directive) => {
			const [name = "", ...values] = directive.split(" ");
			return [name, values.join(" ")];
		});

		expect(Object.fromEntries(policy)).toEqual({
			"default-src": "'none'",
			"script-src": origin + assets.card.path,
			"connect-src": `${origin}/api/v1/cards/intents ${origin}/api/v1/cards`,
			"style-src": "'self'",
			"img-src": "'self'",
			"form-action": "'none'",
			"base-uri": "'none'",
			"frame-ancestors": "'none'",
			"require-trusted-types-for": "'script'",
			"trusted-types": "'none'",
			"report-uri": "/api/reports/csp",
			"report-to": "csp",
		});
		expect(headers.get("integrity-policy")).toBe("blocked-destinations=(script)");
		for (const [name, value] of Object.entries(everyHeaders)) {
			if (name !== "content-security-policy") expect(headers.get(name), name).toBe(value);
		}
	});

	it.each([
		["not_fresh", "sign-in of the last 15 minutes", "/sign-in?again=yes&amp;next=%2Fcards%2Fnew"],
		["held", "recovered a short while ago", "/account"],
	])("of a session that is %s says so instead, before anybody types a number", async (refused, words, path) => {
		const { text } = await visitorOf(worker, ada, { checkTrust: refusing(refused) }).get("/cards/new");

		expect(text).toContain(words);
		expect(text).toContain(`href="${path}"`);
		expect(text).not.toMatch(/<script|data-card|<input/);
	});

	it("leads whoever has signed in again back to it, with the card to be replaced", async () => {
		const path = `/cards/new?replaces=${await givenCard(ada)}`;
		const { text } = await visitorOf(worker, ada, { checkTrust: refusing("not_fresh") }).get(path);
		const [, way = ""] = /href="(\/sign-in[^"]*)"/.exec(text) ?? [];

		const { text: signIn } = await visitor.get(way.replaceAll("&amp;", "&"));

		expect(signIn).toContain(`<input type="hidden" name="next" value="${path}"`);
	});

	it("leads whoever is signed out to the sign-in, and is not there while identity is away", async () => {
		const out = await visitorOf(worker, ada, { checkTrust: refusing("signed_out") }).get("/cards/new");
		const away = await visitorOf(worker, ada, {}).get("/cards/new");

		expect(locationOf(out)).toBe("303 /sign-in?next=%2Fcards%2Fnew");
		expect(away.text).toContain("not available right now");
		expect(away.text).not.toMatch(/<script|<input/);
	});

	it("of a customer with as many cards as are kept says so", async () => {
		for (let i = 0; i < mostCards; i++) await givenCard(ada);

		const { text } = await visitor.get("/cards/new");

		expect(text).toContain("as many cards as we keep");
		expect(text).not.toContain("<input");
	});

	it("says which card the new one takes the place of", async () => {
		const id = await givenCard(ada);

		const { text } = await visitor.get(`/cards/new?replaces=${id}`);

		expect(text).toContain("takes the place of your Visa ending in 4242");
		expect(text).toContain(`data-replaces="${id}"`);
		expect(text).toContain(`data-sign-in="/sign-in?again=yes&amp;next=${encodeURIComponent(`/cards/new?replaces=${id}`)}"`);
	});

	it.each(["submitted", "rejected", "removed"] as const)("takes the place of no card that is %s", async (state) => {
		const { text } = await visitor.get(`/cards/new?replaces=${await givenCard(ada, { state })}`);

		expect(text).toContain("Only a card that has been checked can be replaced");
		expect(text).not.toContain("<input");
	});

	it("takes the place of no card of somebody else, and of nothing that is no card", async () => {
		const others = await givenCard(await givenCustomer());

		expect((await visitor.get(`/cards/new?replaces=${others}`)).text).not.toContain("<input");
		expect((await visitor.get("/cards/new?replaces=nothing")).status).toBe(404);
	});
});

describe("the removal of a card", () => {
	it("says what it means, and removes it", async () => {
		const id = await givenCard(ada);

		const page = await visitor.get(`/cards/${id}/removal`);
		const removed = await visitor.submit(`/cards/${id}/removal`, {});

		expect(page.text).toContain("the next payment for your plan cannot be made");
		expect(locationOf(removed)).toBe("303 /cards?done=card-removed");
		expect((await visitor.get("/cards?done=card-removed")).text).toContain("Your card is removed.");
		expect((await outboxOf(ada)).map(({ type }) => type)).toEqual(["CardRemoved"]);
	});

	it.each([
		[{}, "Your other cards stay"],
		[{ state: "rejected", reason: "luhn" }, "cannot be made"],
		[{ expYear: 2020 }, "cannot be made"],
	] as const)("with another card of %j says: %s", async (other, words) => {
		await givenCard(ada, other);

		expect((await visitor.get(`/cards/${await givenCard(ada)}/removal`)).text).toContain(words);
	});

	it.each([
		["not_fresh", "sign-in of the last 15 minutes", 422],
		["held", "recovered a short while ago", 422],
	])("by a session that is %s does not happen, and says why", async (refused, words, expected) => {
		const id = await givenCard(ada);

		const { status, text } = await visitorOf(worker, ada, { checkTrust: refusing(refused) }).submit(`/cards/${id}/removal`, {});

		expect(status).toBe(expected);
		expect(text).toContain(words);
		if (refused === "not_fresh") expect(text).toContain(encodeURIComponent(`/cards/${id}/removal`));
		expect((await visitor.get("/cards")).text).toContain("Ready");
	});

	it("while identity is away does not happen, and says so", async () => {
		const id = await givenCard(ada);

		const { status, text } = await visitorOf(worker, ada, {}).submit(`/cards/${id}/removal`, {});

		expect({ status, away: text.includes("not available right now") }).toEqual({ status: 503, away: true });
	});

	it("row 1: of somebody else's card, or of none, is not there", async () => {
		const others = await givenCard(await givenCustomer());
		for (const id of [others, newId("crd", "00"), "nothing", await givenCard(ada, { state: "removed" })]) {
			expect((await visitor.get(`/cards/${id}/removal`)).status, id).toBe(404);
		}
		expect((await visitor.submit(`/cards/${others}/removal`, {})).status).toBe(404);
	});

	it("row 2: with a field that the form does not have is refused", async () => {
		const id = await givenCard(ada);

		expect((await visitor.submit(`/cards/${id}/removal`, { state: "verified" })).status).toBe(422);
		expect((await visitor.get("/cards")).text).toContain("Ready");
	});
});

describe("at home", () => {
	it("a card counts to the end of its month", async () => {
		const [year, month] = [new Date().getUTCFullYear(), new Date().getUTCMonth() + 1];
		for (const [expYear, expMonth, counts] of [
			[year, month, true],
			[month === 1 ? year - 1 : year, month === 1 ? 12 : month - 1, false],
		] as const) {
			const customer = await givenCustomer();
			await givenCard(customer, { expYear, expMonth });
			expect((await visitorOf(worker, customer).get("/")).text.includes('<a class="button" href="/cards/new">')).toBe(!counts);
		}
	});

	it("who has a plan and no card that could pay for it is led to add one", async () => {
		for (const given of [undefined, { state: "rejected", reason: "luhn" }, { expYear: 2020 }] as const) {
			const customer = await givenCustomer();
			if (given) await givenCard(customer, given);
			expect((await visitorOf(worker, customer).get("/")).text).toContain('<a class="button" href="/cards/new">Add a card</a>');
		}
	});

	it("who has one is led on", async () => {
		await givenCard(ada, { state: "submitted" });

		const { text } = await visitor.get("/");

		expect(text).not.toContain('<a class="button" href="/cards/new">');
		expect(text).toContain('<a class="button" href="/tickets/new">');
	});
});
