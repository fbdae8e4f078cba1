/** Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O or U. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const length = 8;

/** A code of 40 bits, one character for each random byte. */
export const codeOf = (random: Uint8Array): string =>
	Array.from(random.subarray(0, length), (byte) => alphabet[byte & 31]).join("");

/** How a code is shown: in two halves. */
export const shownCode = (code: string): string => `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;

/** The code that somebody has typed, in whatever case, with what looks alike taken for what it is; undefined when it is none. */
export function readCode(typed: string): string | undefined {
	const code = typed
		.toUpperCase()
		.replaceAll(/[\s\p{Pd}]/gu, "")
		.replaceAll(/[IL]/g, "1")
		.replaceAll("O", "0");
	return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(code) ? code : undefined;
}

export interface CodeBinding {
	readonly purpose: "sign-in" | "change-email";
	/** Where it is mailed to. */
	readonly email: string;
	/** The secret of the browser that asked. */
	readonly browser: string;
	/** Whose address it changes; empty at sign-in. */
	readonly customerId: string;
}

/** What stands for a code where it is stored and compared, as HMAC: without the browser that asked the code is worth nothing. */
export const boundCode = ({ purpose, email, browser, customerId }: CodeBinding, code: string): string =>
	JSON.stringify([purpose, email, browser, customerId, code]);
