export const byteLength = (text: string) => new TextEncoder().encode(text).length;

export const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Base64url (RFC 4648, section 5) of text in Latin-1, without padding. */
export const toBase64Url = (text: string) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The same of bytes. */
export const bytesToBase64Url = (bytes: Uint8Array) => toBase64Url(String.fromCharCode(...bytes));

/** The text of base64url. Throws when it is none. */
export const fromBase64Url = (text: string) => atob(text.replaceAll("-", "+").replaceAll("_", "/"));

/** Packs things in their order into groups of at most `bytes` and `count`; one that is too large alone is a group alone. */
export function packed<T>(
	things: readonly T[],
	size: (thing: T) => number,
	most: { bytes: number; count: number },
): [T, ...T[]][] {
	const groups: [T, ...T[]][] = [];
	let bytes = 0;
	for (const thing of things) {
		const more = size(thing);
		const group = groups.at(-1);
		if (group && group.length < most.count && bytes + more <= most.bytes) {
			group.push(thing);
			bytes += more;
		} else {
			groups.push([thing]);
			bytes = more;
		}
	}
	return groups;
}
