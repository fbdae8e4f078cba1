import { CompactEncrypt, type CompactJWEHeaderParameters, importJWK, type JWK } from "jose";
import type { Brand } from "../cards.ts";
import { minutes, seconds } from "../time.ts";
import { publicCardKey } from "./bindings.ts";

/** Numbers that the brands and their processors publish for tests: nobody's. */
export const somePan = {
	visa: "4242424242424242",
	mastercard: "5555555555554444",
	amex: "378282246310005",
	discover: "6011111111111117",
	diners: "30569309025904",
	jcb: "3566002020360505",
} as const satisfies Record<Brand, string>;

/** Long enough for any test's clock. */
export const someExpiry = { expMonth: 12, expYear: 2039 } as const;

/** Of an intent: 128 bits in base64url, another one at each call. */
export const newNonce = () => {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
};

export interface CardToSeal {
	readonly customerId: string;
	readonly cardId: string;
	readonly nonce: string;
	/** In milliseconds, as `exp`: when the browser has sealed it, and the end of its intent. */
	readonly now?: number;
	readonly exp?: number;
	readonly pan?: string;
	readonly expMonth?: number;
	readonly expYear?: number;
	readonly name?: string;
	/** Instead of what belongs into the protected header or the payload, and beside it; undefined leaves something out. */
	readonly header?: object;
	readonly payload?: object;
	/** A public key, of billing unless told. */
	readonly key?: JWK;
}

/** A card as the browser seals it for billing, made with another implementation, and as wrong as wanted. */
export async function sealedCard({
	customerId: sub,
	cardId: cid,
	nonce,
	key = publicCardKey,
	...card
}: CardToSeal): Promise<string> {
	const { now = Date.now(), exp = now + 10 * minutes, pan = somePan.visa, name, header = {}, payload = {} } = card;
	const { expMonth = someExpiry.expMonth, expYear = someExpiry.expYear } = card;
	const times = { iat: Math.floor(now / seconds), exp: Math.floor(exp / seconds) };
	const content = { v: 1, aud: "billing.card.v1", sub, cid, nonce, ...times, pan, expMonth, expYear, name, ...payload };
	return sealedText(JSON.stringify(content).padEnd(256), { kid: key.kid, typ: "card+jwe", sub, cid, ...header }, key);
}

/** Any text, sealed with any header: what somebody could make who knows no more than a public key. */
export async function sealedText(text: string, header: object, key: JWK = publicCardKey): Promise<string> {
	const given = { alg: "ECDH-ES", enc: "A256GCM", ...header };
	const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
	return new CompactEncrypt(new TextEncoder().encode(text))
		.setProtectedHeader(present as CompactJWEHeaderParameters) // as wrong as wanted
		.encrypt(await importJWK(key, given.alg));
}
