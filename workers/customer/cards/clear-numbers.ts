import { isLuhnValid } from "../../../shared/cards.ts";
import { Problem } from "../../../shared/http/problem.ts";

const lengths = { least: 13, most: 19 } as const;

/** Digits in a row, whatever spaces and dashes stand between them. */
const runs = /\d(?:[\s\p{Pd}]{0,3}\d){12,}/gu;

/** One id in five million has such digits by chance, and every body has one. */
const ids = /(?<![0-9a-z])(?:crd|cus)_[0-9a-f]{2}[0-7][0-9a-hjkmnp-tv-z]{25}(?![0-9a-z])/g;

/**
 * Throws `card_number_in_clear` for JSON that has what may be a card number in it: 13 to 19 digits with a right check
 * digit, in any field or none. Inside a JWE no number is to be seen; that its ciphertext has such digits happens once in a
 * hundred million times, and then the next one is taken.
 */
export function refuseClearNumbers(json: string): void {
	const escapes = /\\(?:u([0-9a-f]{4})|([nrtbf]))/gi;
	const plain = json.replace(escapes, (_, code?: string) => (code ? String.fromCharCode(Number.parseInt(code, 16)) : " "));
	const text = plain.normalize("NFKC").replace(ids, "");
	for (const [run] of text.matchAll(runs)) {
		if (hasCardNumber(run.replaceAll(/\D/g, ""))) throw new Problem("card_number_in_clear");
	}
}

function hasCardNumber(digits: string): boolean {
	for (let from = 0; from + lengths.least <= digits.length; from++) {
		for (let length = lengths.least; length <= lengths.most && from + length <= digits.length; length++) {
			if (isLuhnValid(digits.slice(from, from + length))) return true;
		}
	}
	return false;
}
