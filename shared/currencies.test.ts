import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { Currency, leastChargeOf, moneyIn } from "./currencies.ts";

describe("an amount", () => {
	it.each([
		["en-GB", "HUF", 499_000, "HUF 4,990.00"],
		["en-GB", "EUR", -1290, "-€12.90"],
		["de-DE", "EUR", 129_000, "1.290,00 €"],
		["en-GB", "JPY", 499, "JP¥499"],
		["de-DE", "HUF", 499_000, "4.990,00 HUF"],
		["en-GB", "ISK", 499, "ISK 499"],
	])(
		"in %s of %s has the digits of ISO 4217, and where nothing is sold those of the runtime",
		(locale, currency, amountMinor, expected) => {
			expect(moneyIn(locale, { amountMinor, currency }).replaceAll("\u00a0", " ")).toBe(expected);
		},
	);
});

it("of every currency that is sold in there is a least charge", () => {
	for (const currency of Currency.options) expect(leastChargeOf(currency), currency).toBeGreaterThanOrEqual(30);
	expect(leastChargeOf("constructor")).toBe(0);
});

it.each(["ISK", "UGX", "MGA", "KWD", "BHD", "JOD", "OMR", "TND"])(
	"%s, of which the payment provider counts another unit than ISO 4217, is not sold in",
	(currency) => {
		expect(v.is(Currency, currency)).toBe(false);
	},
);
