import { describe, expect, it } from "vitest";
import { type Brand, brandOf, brands, isExpired, isLuhnValid } from "../../cards.ts";
import { readExpiry, readNumber } from "./card-entry.ts";

const digits = (count: number) => Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => byte % 10).join("");
const lengthsOf = (brand: Brand): readonly number[] => brands[brand].lengths;

describe("a typed number", () => {
	it("is taken by the rules that billing has, for 5,000 numbers", () => {
		const outcomes = { taken: 0, refused: 0 };
		for (let i = 0; i < 5000; i++) {
			const pan = ["4", "51", "2221", "34", "6011", "300", "3528", "9"][i % 8] + digits(10 + (i % 10));
			const brand = brandOf(pan);
			const isTaken = brand !== undefined && isLuhnValid(pan) && lengthsOf(brand).includes(pan.length);
			expect(readNumber(pan, brands), pan).toEqual(isTaken ? { pan, brand } : { wrong: expect.any(String) });
			outcomes[isTaken ? "taken" : "refused"]++;
		}
		expect(outcomes.taken).toBeGreaterThan(50);
	});

	it("may have spaces and dashes", () => {
		for (const typed of ["4242 4242 4242 4242", " 4242-4242-4242-4242 ", "4242\u00a042424242 4242"]) {
			expect(readNumber(typed, brands)).toEqual({ pan: "4242424242424242", brand: "visa" });
		}
	});

	it.each([
		["", "in digits"],
		["4242 4242 4242 424x", "in digits"],
		["4242 4242", "whole card number"],
		["9999 9999 9999 9995", "cards of this kind"],
		["4242 4242 4242 4241", "at least one digit"],
		["4242 4242 4242 42", "at least one digit"],
	])("'%s' is told: %s", (typed, words) => {
		expect(readNumber(typed, brands)).toEqual({ wrong: expect.stringContaining(words) });
	});
});

describe("a typed expiry date", () => {
	const now = Date.UTC(2026, 10, 22);

	it.each(["08/29", "8/29", "08/2029", "08 / 29", "0829", "8-29", " 08.29 "])("'%s' is August 2029", (typed) => {
		expect(readExpiry(typed, now)).toEqual({ expMonth: 8, expYear: 2029 });
	});

	it.each(["", "13/29", "00/29", "08", "August 2029", "08/129", "08/1929"])("'%s' is none", (typed) => {
		expect(readExpiry(typed, now)).toEqual({ wrong: expect.stringContaining("such as 08/29") });
	});

	it("is good to the end of its month, as for billing", () => {
		for (const at of [Date.UTC(2026, 11, 1) - 1, Date.UTC(2026, 11, 1)]) {
			const read = readExpiry("11/26", at);
			expect("wrong" in read).toBe(isExpired({ expMonth: 11, expYear: 2026 }, at));
		}
		expect(readExpiry("10/26", now)).toEqual({ wrong: expect.stringContaining("expired") });
	});
});
