/**
 * Seals a card for billing in the browser: whatever is between them sees no card number. A compact JWE (RFC 7516) by
 * ECDH-ES on P-256 with A256GCM, and nothing but WebCrypto. docs/security/cards.md describes it for clients of their own.
 */

export interface CardToSeal {
	/** Digits alone. */
	readonly pan: string;
	readonly expMonth: number;
	readonly expYear: number;
	readonly name?: string;
}

/** What the card is sealed for: the answer of `POST /api/v1/cards/intents`. */
export interface SealIntent {
	readonly cardId: string;
	readonly nonce: string;
	/** ISO 8601. */
	readonly expiresAt: string;
	readonly customerId: string;
	/** Billing's public key, P-256 (RFC 7517). */
	readonly key: { readonly kid: string; readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
}

const encode = (text: string) => new TextEncoder().encode(text);

const base64Url = (bytes: Uint8Array) =>
	btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");

/**
 * Concat KDF with SHA-256 (RFC 7518, section 4.6.2) in its one round: at most 256 `bits`. `apu` and `apv` are the
 * PartyUInfo and PartyVInfo, which our tokens do not have.
 */
export async function concatKdf(
	secret: Uint8Array,
	algorithm: string,
	bits: number,
	apu: Uint8Array = new Uint8Array(),
	apv: Uint8Array = new Uint8Array(),
): Promise<Uint8Array<ArrayBuffer>> {
	const number = (value: number) => [value >>> 24, value >>> 16, value >>> 8, value]; // an Uint8Array takes the low 8 bits
	const withLength = (bytes: Uint8Array) => [...number(bytes.length), ...bytes];
	const info = [...withLength(encode(algorithm)), ...withLength(apu), ...withLength(apv), ...number(bits)];
	const digest = await crypto.subtle.digest("SHA-256", new Uint8Array([...number(1), ...secret, ...info]));
	return new Uint8Array(digest, 0, bits / 8);
}

/** The payload's length tells nothing of the card: a multiple of so many bytes, filled up with spaces. */
const paddedTo = 256;

function padded(payload: object): Uint8Array<ArrayBuffer> {
	const bytes = encode(JSON.stringify(payload));
	const all = new Uint8Array(Math.ceil(bytes.length / paddedTo) * paddedTo).fill(0x20);
	all.set(bytes);
	return all;
}

/** The token to send. `now`, in milliseconds since 1970, is from when on it is good: better the server's clock than ours. */
export async function sealCard(card: CardToSeal, intent: SealIntent, now = Date.now()): Promise<string> {
	const { cardId: cid, customerId: sub, nonce, expiresAt, key } = intent;
	const curve = { name: "ECDH", namedCurve: "P-256" };
	const { kid, kty, crv, x, y } = key;
	const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, curve, false, []);
	// a pair for this token alone; what makes a single key has no curve
	const ours = (await crypto.subtle.generateKey(curve, false, ["deriveBits"])) as CryptoKeyPair;
	const point = new Uint8Array((await crypto.subtle.exportKey("raw", ours.publicKey)) as ArrayBuffer); // `raw` is no JWK
	const epk = { kty, crv, x: base64Url(point.subarray(1, 33)), y: base64Url(point.subarray(33)) };
	const enc = "A256GCM";
	const header = base64Url(encode(JSON.stringify({ alg: "ECDH-ES", enc, kid, typ: "card+jwe", sub, cid, epk })));

	const agreement = { name: "ECDH", public: theirs };
	const secret = new Uint8Array(await crypto.subtle.deriveBits(agreement, ours.privateKey, 256));
	const contentKey = await crypto.subtle.importKey("raw", await concatKdf(secret, enc, 256), "AES-GCM", false, ["encrypt"]);
	const iv = crypto.getRandomValues(new Uint8Array(12));
	const [iat, exp] = [now, Date.parse(expiresAt)].map((at) => Math.floor(at / 1000));
	const payload = padded({ v: 1, aud: "billing.card.v1", sub, cid, nonce, iat, exp, ...card });
	const aead = { name: "AES-GCM", iv, additionalData: encode(header) };
	const sealed = new Uint8Array(await crypto.subtle.encrypt(aead, contentKey, payload));
	const [ciphertext, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)];
	return `${header}..${base64Url(iv)}.${base64Url(ciphertext)}.${base64Url(tag)}`;
}
