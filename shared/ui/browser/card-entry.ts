/** What somebody can see to before a card is sent. Billing decides: shared/cards.ts has the same rules. */

/** What the page hands over of shared/cards.ts, by brand. */
export type Brands = Readonly<
	Record<string, { readonly ranges: readonly (readonly [string, string])[]; readonly lengths: readonly number[] }>
>;

/** ISO/IEC 7812-1, annex B. */
function hasCheckDigit(digits: string): boolean {
	const sum = [...digits].reverse().reduce((total, digit, i) => {
		const value = Number(digit) * (1 + (i % 2));
		return total + (value > 9 ? value - 9 : value);
	}, 0);
	return sum % 10 === 0;
}

/** What is wrong with a number, spaces and dashes apart, or which brand it is of. */
export function readNumber(typed: string, brands: Brands): { wrong: string } | { pan: string; brand: string } {
	const pan = typed.replace(/[\s-]/g, "");
	if (!/^\d+$/.test(pan)) return { wrong: "Enter the card number, in digits" };
	const isWithin = ([from, to]: readonly [string, string]) => {
		const first = pan.slice(0, from.length);
		return first >= from && first <= to;
	};
	const [brand, rules] = Object.entries(brands).find(([, { ranges }]) => ranges.some(isWithin)) ?? [];
	if (pan.length < 12) return { wrong: "Enter the whole card number" };
	if (!brand || !rules) return { wrong: "Enter the number of another card: we do not take cards of this kind" };
	const isRight = rules.lengths.includes(pan.length) && hasCheckDigit(pan);
	return isRight ? { pan, brand } : { wrong: "Check the card number: at least one digit is wrong or missing" };
}

/** What is wrong with the month, or which it is. A card is good to the end of its month. */
export function readExpiry(typed: string, now: number): { wrong: string } | { expMonth: number; expYear: number } {
	const [, month, year] = /^(\d{1,2})[\s/.-]*(\d{2}|20\d{2})$/.exec(typed.trim()) ?? [];
	const [expMonth, expYear] = [Number(month), year?.length === 2 ? 2000 + Number(year) : Number(year)];
	if (!(expMonth >= 1 && expMonth <= 12 && expYear))
		return { wrong: "Enter the expiry date as it stands on the card, such as 08/29" };
	if (now >= Date.UTC(expYear, expMonth, 1)) return { wrong: "This card has expired. Use another one" };
	return { expMonth, expYear };
}
