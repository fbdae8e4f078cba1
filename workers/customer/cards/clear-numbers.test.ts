import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { toBase64Url } from "../../../shared/bytes.ts";
import { CardHolder, cardsPath, submissionOf } from "../../../shared/testing/card-holder.ts";
import { somePan } from "../../../shared/testing/cards.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { givenCustomer } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";
import { refuseClearNumbers } from "./clear-numbers.ts";

beforeAll(migrateDatabases);
let ada: CardHolder;
let right: { jwe: string };
const logged: string[] = [];
beforeEach(async () => {
	ada = new CardHolder(worker, await givenCustomer());
	right = await submissionOf(await ada.givenIntent());
	logged.length = 0;
	vi.spyOn(console, "log").mockImplementation((line) => void logged.push(String(line)));
});
afterEach(() => vi.restoreAllMocks());

const pan = somePan.visa;
const spaced = (separator: string) => (pan.match(/.{4}/g) ?? []).join(separator);
const escaped = [...pan].map((digit) => `\\u00${digit.charCodeAt(0).toString(16)}`).join("");
const text = (body: object) => JSON.stringify(body);

/** Posts a body as it is. */
const post = (path: string, body: string) =>
	ada.browser.ask<{ code: string }>(path, {
		method: "POST",
		body,
		headers: { "content-type": "application/json", origin: "https://customer.test" },
	});

describe("a card number in clear is 422, and nothing of it is stored, logged or answered:", () => {
	it.each<[string, () => string]>([
		["in a field that is none", () => text({ ...right, pan })],
		["as a number", () => text({ ...right, pan: Number(pan) })],
		["in place of what may be shown of it", () => text({ ...right, last4: pan })],
		["in place of the card's id", () => text({ ...right, cardId: pan })],
		["in place of the encrypted card", () => text({ ...right, jwe: pan })],
		["in front of the encrypted card", () => text(right).replace('"jwe":', `"jwe":"${pan}","jwe":`)],
		["with spaces", () => text({ ...right, last4: spaced(" ") })],
		["with dashes", () => text({ ...right, last4: spaced("-") })],
		["with other dashes and spaces", () => text({ ...right, last4: spaced(" \u2013\u00a0") })],
		["with line breaks", () => text({ ...right, last4: spaced("\n") })],
		["in escapes", () => `{"pan":"${escaped}"}`],
		["in full-width digits", () => text({ a: [...pan].map((digit) => String.fromCodePoint(Number(digit) + 0xff10)).join("") })],
		["among other digits", () => text({ a: `00${pan}99` })],
		["as the name of a field", () => text({ [pan]: 1 })],
		["deep inside", () => text({ a: [{ b: [pan] }] })],
		["in a list", () => text([pan])],
		["in what is no JSON", () => `{"pan":${pan}`],
		["behind an id", () => text({ a: `crd_000${"a".repeat(25)}${pan}` })],
		["half in what looks like an id", () => text({ a: `crd_000${"a".repeat(17)}${pan}` })],
		["in a protected header", () => text({ ...right, jwe: right.jwe.replace(/^[^.]+/, toBase64Url(text({ pan }))) })],
	])("%s", async (_, bodyOf) => {
		const body = bodyOf();
		const before = await contentsOf(ada.customer.database);

		const answer = await post(cardsPath, body);

		expect(answer).toMatchObject({ status: 422, body: { code: "card_number_in_clear" } });
		expect(answer.headers.get("content-type")).toBe("application/problem+json");
		expect(await contentsOf(ada.customer.database)).toEqual(before);
		for (const said of [answer.text, logged.join("\n")]) {
			expect(said.replaceAll(/\D/g, "")).not.toContain(pan);
			expect(said).not.toContain(pan.slice(0, 12));
		}
	});

	it.each(Object.entries(somePan))("of %s, in what is sent for an intent", async (_, number) => {
		const before = await contentsOf(ada.customer.database);

		expect(await post(`${cardsPath}/intents`, text({ replaces: number }))).toMatchObject({ status: 422 });
		expect((await post(`${cardsPath}/intents`, text({ number }))).body.code).toBe("card_number_in_clear");

		expect(ada.identity.asked).toEqual(["checkTrust"]); // of the intent that was given
		expect(await contentsOf(ada.customer.database)).toEqual(before);
	});
});

describe("digits that are no card number", () => {
	it.each([
		["of a wrong check digit", "4000000000007"],
		["too few", "424242424242"],
		["in two texts", '{"a":"42424242","b":"42424242"}'],
		["with letters between", pan.replace(/(.{8})/, "$1x")],
		["in ids", `{"a":"crd_000${"42".repeat(12)}4","b":"cus_007${"42".repeat(12)}4"}`],
		["parted by more than people type", spaced("    ")],
	])("are let through: %s", (_, json) => {
		expect(() => refuseClearNumbers(json)).not.toThrow();
	});

	it("are of every length from 13 to 19, and of no other", () => {
		const lengths = Array.from({ length: 25 }, (_, i) => i + 1).filter((length) => {
			try {
				refuseClearNumbers("0".repeat(length)); // has a right check digit at any length
				return false;
			} catch {
				return true;
			}
		});

		expect(lengths[0]).toBe(13);
		expect(() => refuseClearNumbers("4000000000006")).toThrow(); // 13 digits
		expect(() => refuseClearNumbers("4000000000000000006")).toThrow(); // 19 digits
	});

	it("are looked for in no time, whatever they are mixed with", () => {
		const began = performance.now();
		for (const json of ["1 ".repeat(2048), "1".repeat(4096), `${"1   ".repeat(11)}x`.repeat(80), "\\u0031".repeat(680)]) {
			try {
				refuseClearNumbers(json);
			} catch {
				// some are
			}
		}
		expect(performance.now() - began).toBeLessThan(1000);
	});
});
