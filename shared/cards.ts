import * as v from "valibot";

/** What customer and billing both know of cards. A card number is called PAN, as in PCI DSS: primary account number. */

/** What a submission may have at most: characters of a JWE, whose payload is padded to 256 bytes, and of the request's body. */
export const cardLimits = { jwe: 2048, body: 4096 } as const;

export const Brand = v.picklist(["visa", "mastercard", "amex", "discover", "diners", "jcb"]);
export type Brand = v.InferOutput<typeof Brand>;

/**
 * The brands that are taken: the ranges of their first digits, all of one length, and the lengths of their numbers
 * (ISO/IEC 7812; ranges as the brands publish them).
 */
export const brands = {
	visa: { name: "Visa", ranges: [["4", "4"]], lengths: [13, 16, 19] },
	mastercard: {
		name: "Mastercard",
		ranges: [
			["51", "55"],
			["2221", "2720"],
		],
		lengths: [16],
	},
	amex: {
		name: "American Express",
		ranges: [
			["34", "34"],
			["37", "37"],
		],
		lengths: [15],
	},
	discover: {
		name: "Discover",
		ranges: [
			["6011", "6011"],
			["644", "649"],
			["65", "65"],
		],
		lengths: [16, 17, 18, 19],
	},
	diners: {
		name: "Diners Club",
		ranges: [
			["300", "305"],
			["36", "36"],
			["38", "39"],
		],
		lengths: [14, 15, 16, 17, 18, 19],
	},
	jcb: { name: "JCB", ranges: [["3528", "3589"]], lengths: [16, 17, 18, 19] },
} as const satisfies Record<Brand, { name: string; ranges: readonly (readonly [string, string])[]; lengths: readonly number[] }>;

/** What may be shown of a card, and is all that the customer quantum ever knows of it. */
export const CardDisplay = v.object({
	brand: Brand,
	last4: v.pipe(v.string(), v.regex(/^\d{4}$/)),
	expMonth: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(12)),
	expYear: v.pipe(v.number(), v.integer(), v.minValue(2000), v.maxValue(2099)),
});
export type CardDisplay = v.InferOutput<typeof CardDisplay>;

/** Why a card is rejected: docs/security/cards.md says what each means. */
export const CardReason = v.picklist([
	"luhn",
	"brand",
	"expired",
	"mismatch",
	"binding",
	"stale",
	"key_retired",
	"schema",
	"declined",
]);
export type CardReason = v.InferOutput<typeof CardReason>;

/** The brand of a number by its first digits; undefined for one that is not taken. */
export function brandOf(pan: string): Brand | undefined {
	return Brand.options.find((brand) =>
		brands[brand].ranges.some(([from, to]) => {
			const first = pan.slice(0, from.length);
			return first >= from && first <= to;
		}),
	);
}

/** The check digit of a card number (ISO/IEC 7812-1, annex B). */
export function isLuhnValid(digits: string): boolean {
	let sum = 0;
	for (let i = 0; i < digits.length; i++) {
		const digit = Number(digits[digits.length - 1 - i]);
		const doubled = digit * 2;
		sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
	}
	return sum % 10 === 0;
}

/** A card is good to the end of its month, UTC. */
export function isExpired({ expMonth, expYear }: Pick<CardDisplay, "expMonth" | "expYear">, now: number): boolean {
	return now >= Date.UTC(expYear, expMonth, 1);
}
