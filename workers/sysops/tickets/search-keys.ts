/**
 * What helpdesk finds a customer by, as columns of `tickets`: written by SQL when a ticket comes in, so SQL says what
 * they are, and what somebody types is brought into the same form here.
 */

/**
 * SQLite's `lower` knows ASCII only. Beside it the capitals of Latin-1 and Latin Extended-A fold, which are those of the
 * languages of Europe that are written in Latin letters; accents count, and other scripts are found as they are written.
 */
const capitals = new Map(
	Array.from({ length: 0x180 - 0xc0 }, (_, i) => String.fromCodePoint(0xc0 + i))
		.map((letter): [string, string] => [letter, letter.toLowerCase()])
		.filter(([letter, small]) => letter !== small && small.length === 1),
);

/** The SQL of a name as the search knows it. */
export const nameKey = (name: string): string =>
	[...capitals].reduce((folded, [letter, small]) => `replace(${folded}, '${letter}', '${small}')`, `lower(${name})`);

/** The same of what somebody types. */
export const foldName = (name: string): string =>
	name.replace(/[A-Z\u00c0-\u017f]/g, (letter) => capitals.get(letter) ?? (letter <= "Z" ? letter.toLowerCase() : letter));

/** The SQL of a phone number as the search knows it: its digits, out of what a profile may hold. */
export const phoneKey = (phone: string): string =>
	["+", " ", "(", ")", ".", "-", "/"].reduce((digits, sign) => `replace(${digits}, '${sign}', '')`, phone);

/** The same of what somebody types: `00` is the same as `+`. */
export const phoneDigits = (phone: string): string => phone.replace(/\D/g, "").replace(/^00/, "");
