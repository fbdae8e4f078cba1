import { env } from "cloudflare:workers";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { ContractTerms } from "../../../shared/contracts/feed.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { askStaff, contractsPath, givenContract, someTerms } from "../../../shared/testing/contracts.ts";
import { migrateSysops, serveCerts } from "../../../shared/testing/staff.ts";

interface Route {
	readonly method: string;
	readonly path: string;
	/** How terms go into its body. */
	readonly wrap: (terms: object) => object;
}
/** Those that take terms, and then every route that takes a body. */
let termsRoutes: Route[];
let routes: Route[];

beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	const { id, version } = await givenContract();
	termsRoutes = [
		{ method: "POST", path: contractsPath, wrap: (terms) => terms },
		{ method: "PUT", path: `${contractsPath}/${id}`, wrap: (terms) => ({ basedOn: version, terms }) },
		{ method: "PUT", path: `${contractsPath}/${id}/versions/1`, wrap: (terms) => ({ digest: 1, terms }) },
	];
	routes = [...termsRoutes, { method: "POST", path: `${contractsPath}/${id}/withdrawal`, wrap: () => ({}) }];
});

/** Sends a body to each route and expects this answer, with nothing changed and nothing of the body in it. */
async function expectRefusal(status: number, code: string, bodyFor: (route: Route) => BodyInit | object, of = routes) {
	const before = await contentsOf(env.SYSOPS_DB);
	for (const route of of) {
		const answer = await askStaff(route.method, route.path, { body: bodyFor(route) });
		expect({ ...route, status: answer.status, code: answer.body.code }).toEqual({ ...route, status, code });
		expect(answer.text).not.toContain("canary");
	}
	expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
}

describe("row 2: extra fields", () => {
	it.each(["seq", "withdrawn", "canary", "constructor"])("%s in the body: 422", async (field) => {
		await expectRefusal(422, "invalid_field", ({ wrap }) => ({ ...wrap(someTerms), [field]: 1 }));
	});

	it.each([
		["the terms", { ...someTerms, canary: 1 }],
		["the price", { ...someTerms, price: { ...someTerms.price, canary: 1 } }],
	])("in %s: 422", async (_, terms) => {
		await expectRefusal(422, "invalid_field", ({ wrap }) => wrap(terms), termsRoutes);
	});
});

describe("row 3: bodies that are too large", () => {
	it("answers 413 to one that says so", async () => {
		await expectRefusal(413, "body_too_large", () => `{"name":"${"canary".repeat(6000)}"}`);
	});

	it("answers 413 to an endless one, while it streams", async () => {
		await expectRefusal(413, "body_too_large", () => {
			const chunk = new TextEncoder().encode("canary".repeat(100));
			return new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
		});
	});
});

describe("row 4: JSON that is meant to hurt", () => {
	it.each([
		["10,000 deep", `{"name":${"[".repeat(10_000)}`],
		["__proto__", '{"__proto__":{"name":"canary"}}'],
		["no JSON at all", "canary"],
	])("%s: 400", async (_, body) => {
		await expectRefusal(400, "malformed_json", () => body);
	});
});

describe("row 13: line breaks and control characters", () => {
	it.each(["a\r\nX-Injected: canary", "a\nb", "a\0b", "a\u001b[2Jb", "a\ud83db"])("%j in a text: 422", async (text) => {
		for (const terms of [
			{ ...someTerms, name: text },
			{ ...someTerms, summary: text },
			{ ...someTerms, coverage: ["Visits", text] },
		]) {
			await expectRefusal(422, "invalid_field", ({ wrap }) => wrap(terms), termsRoutes);
		}
	});
});

it("row 26: what looks like SQL is a text like any other, and an id is only ever compared", async () => {
	const name = "'); drop table contract_versions; --";
	const { terms, id } = await givenContract({ ...someTerms, name, summary: name, coverage: [name] });

	expect(terms).toMatchObject({ name, summary: name, coverage: [name] });
	const sneaky = encodeURIComponent(`${id}' or '1'='1`);
	expect(await askStaff("GET", `${contractsPath}/${sneaky}`)).toMatchObject({ status: 404 });
});

it("texts are kept in NFC and trimmed", async () => {
	const { terms } = await givenContract({ ...someTerms, name: "  Cafe\u0301 👩‍👩‍👧 " });

	expect(terms.name).toBe("Caf\u00e9 👩‍👩‍👧");
});

describe("terms that are none: 422", () => {
	it.each([
		["no name", { ...someTerms, name: " " }],
		["a name of 121 characters", { ...someTerms, name: "x".repeat(121) }],
		["a summary of 301", { ...someTerms, summary: "x".repeat(301) }],
		["no device", { ...someTerms, devices: [] }],
		["an unknown device", { ...someTerms, devices: ["canary"] }],
		["no coverage", { ...someTerms, coverage: [] }],
		["13 points", { ...someTerms, coverage: Array.from({ length: 13 }, () => "x") }],
		["no hours", { ...someTerms, responseHours: 0 }],
		["half an hour", { ...someTerms, responseHours: 0.5 }],
		["a negative price", { ...someTerms, price: { amountMinor: -1, currency: "EUR" } }],
		["a price of parts of a cent", { ...someTerms, price: { amountMinor: 0.5, currency: "EUR" } }],
		["no currency", { ...someTerms, price: { amountMinor: 1, currency: "euro" } }],
	])("%s", async (_, terms) => {
		await expectRefusal(422, "invalid_field", ({ wrap }) => wrap(terms), termsRoutes);
	});

	it.each([[null], ["1"], [0], [1.5], [2 ** 53]])("%j for the version that was read", async (basedOn) => {
		await expectRefusal(422, "invalid_field", () => ({ basedOn, terms: someTerms }), termsRoutes.slice(1, 2));
	});
});

describe("a currency that is not sold in", () => {
	it.each(["ISK", "UGX", "KWD", "QQQ", "huf", "__proto__"])("%s: 422 for new terms, with those that are", async (currency) => {
		const terms = { ...someTerms, price: { amountMinor: 499_000, currency } };
		const before = await contentsOf(env.SYSOPS_DB);

		for (const { method, path, wrap } of termsRoutes.slice(0, 2)) {
			const answer = await askStaff(method, path, { body: wrap(terms) });

			const error = {
				field: expect.stringMatching(/^(?:terms\.)?price\.currency$/),
				rule: "picklist",
				expected: expect.stringMatching(/^\("AUD" \| .*"EUR" \| .*"USD"\)$/),
			};
			expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [error] } });
			expect(answer.text).not.toContain(currency);
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});
});

it("the largest terms that the staff may write are some that the feed takes", async () => {
	const { terms } = await givenContract({
		name: "é".repeat(120),
		summary: "電".repeat(300),
		devices: ["television", "audio", "computer", "phone", "network", "appliance", "smart_home", "gaming"],
		coverage: Array.from({ length: 12 }, () => '"'.repeat(200)),
		responseHours: 720,
		price: { amountMinor: 10_000_000, currency: "EUR" },
	});

	expect(v.is(ContractTerms, terms)).toBe(true);
});

describe("a price that no card can be charged", () => {
	it.each([
		["in a currency that is not sold in", 1000, "KWD"],
		["in none", 1000, "EURO"],
		["of too little", 49, "EUR"],
		["of too little of another currency", 1499, "CZK"],
	])("%s: 422 for a new version", async (_, amountMinor, currency) => {
		const [create, change] = termsRoutes;
		await expectRefusal(
			422,
			"invalid_field",
			({ wrap }) => wrap({ ...someTerms, price: { amountMinor, currency } }),
			[create, change].filter((route) => route !== undefined),
		);
	});

	it("says what it has to be", async () => {
		const answer = await askStaff("POST", contractsPath, { body: { ...someTerms, price: { amountMinor: 49, currency: "EUR" } } });
		expect(answer.body).toMatchObject({ errors: [{ field: "price.amountMinor", expected: "0 or >=50" }] });
	});

	it.each([
		[0, "EUR"],
		[50, "EUR"],
		[1500, "CZK"],
	])("is none of %i %s", async (amountMinor, currency) => {
		const { status } = await askStaff("POST", contractsPath, {
			body: { ...someTerms, price: { amountMinor, currency } },
		});
		expect(status).toBe(201);
	});
});
