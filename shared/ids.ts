/**
 * Ids say what they name and where it lives: a prefix, two hex digits of the customer's shard, then 128 bits in
 * 26 characters of Crockford's base 32 (https://www.crockford.com/base32.html, lower case).
 */
export type IdPrefix =
	| "cus"
	| "tkt"
	| "cmt"
	| "ctr"
	| "evt"
	| "ses"
	| "aud"
	| "req"
	| "exp"
	| "ntf"
	| "crd"
	| "inv"
	| "att"
	| "rfd";

/** Two lower-case hex digits: at most 256 shards. */
export type Shard = string;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** The id of `prefix` in `shard` made of the first 16 of `bytes`: the same bytes, the same id. */
export function idOf(prefix: IdPrefix, shard: Shard, bytes: Uint8Array): string {
	let value = 0n;
	for (const byte of bytes.subarray(0, 16)) value = (value << 8n) | BigInt(byte);
	let text = "";
	for (let i = 0; i < 26; i++) {
		text = alphabet.charAt(Number(value & 31n)) + text;
		value >>= 5n;
	}
	return `${prefix}_${shard}${text}`;
}

/**
 * 48 bits of time before 80 of `random`, as in a ULID: ids that sort by when they were made, for what a table is read
 * in the order of.
 */
export function timeOrdered(now: number, random: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(16);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(now) << 16n);
	bytes.set(random.subarray(0, 10), 6);
	return bytes;
}

/** Matches an id of this kind and nothing else. */
export function idPattern(prefix: IdPrefix): RegExp {
	return new RegExp(`^${prefix}_[0-9a-f]{2}[0-7][0-9a-hjkmnp-tv-z]{25}$`);
}

/** Of the survey about the `resolution`-th time that a ticket was resolved: in the ticket's shard, as its own id says. */
export const surveyIdPattern = /^srv_[0-9a-f]{2}[0-7][0-9a-hjkmnp-tv-z]{25}_[1-9]\d{0,3}$/;

/** The shard that an id names. Only for ids that an `idPattern` has matched or that we made ourselves. */
export function shardOf(id: string): Shard {
	return id.slice(4, 6);
}
