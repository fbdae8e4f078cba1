import * as v from "valibot";
import { bytesToBase64Url, fromBase64Url } from "../../../shared/bytes.ts";
import type { CardOwner, CardSecret, SealedCard, Vault } from "./vault.ts";

/** `VAULT_KEKS`: id → 256 bits in base64url. The first seals; the others open, while one replaces another. */
const Keks = v.record(v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)), v.pipe(v.string(), v.regex(/^[\w-]{43}$/)));

const Secret = v.strictObject({ pan: v.string(), expMonth: v.number(), expYear: v.number(), name: v.nullable(v.string()) });

/** AES-256-GCM with a random initialisation vector of 96 bits in front (NIST SP 800-38D), by WebCrypto. */
export function webCryptoVault(keks: string, fingerprintKey: string): Vault {
	const all = () => Object.entries(v.parse(Keks, JSON.parse(keks)));
	const current = () => {
		const [first] = all();
		if (!first) throw new Error("VAULT_KEKS is empty");
		return { kekId: first[0], secret: first[1] };
	};
	const kekOf = (kekId: string) => {
		const secret = all().find(([id]) => id === kekId)?.[1];
		if (secret === undefined) throw new Error("the key-encryption key is not here");
		return secret;
	};
	const dataOf = ({ cardId, customerId }: CardOwner) => `data|v1|${cardId}|${customerId}`;
	const dekOf = ({ cardId, customerId }: CardOwner, kekId: string) => `dek|v1|${cardId}|${customerId}|${kekId}`;
	const wrap = async (dek: Uint8Array<ArrayBuffer>, owner: CardOwner) => {
		const { kekId, secret } = current();
		return { kekId, wrappedKey: await encrypt(bytesOf(secret), dek, dekOf(owner, kekId)) };
	};
	const unwrap = ({ kekId, wrappedKey }: SealedCard, owner: CardOwner) =>
		decrypt(bytesOf(kekOf(kekId)), wrappedKey, dekOf(owner, kekId));
	return {
		get kekId() {
			return current().kekId;
		},
		async seal(secret, owner) {
			const dek = crypto.getRandomValues(new Uint8Array(32));
			const sealedCard = await encrypt(dek, utf8(JSON.stringify(secret)), dataOf(owner));
			return { ...(await wrap(dek, owner)), sealedCard };
		},
		async open(sealed, owner): Promise<CardSecret> {
			const plain = await decrypt(await unwrap(sealed, owner), sealed.sealedCard, dataOf(owner));
			return v.parse(Secret, JSON.parse(new TextDecoder().decode(plain)));
		},
		async rewrap(sealed, owner): Promise<SealedCard> {
			return { ...(await wrap(await unwrap(sealed, owner), owner)), sealedCard: sealed.sealedCard };
		},
		async fingerprint(pan, customerId) {
			const bits = v.parse(v.pipe(v.string(), v.regex(/^[\w-]{43}$/)), fingerprintKey);
			const key = await crypto.subtle.importKey("raw", bytesOf(bits), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
			return bytesToBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(`${customerId}\0${pan}`))));
		},
	};
}

const utf8 = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const bytesOf = (text: string) => Uint8Array.from(fromBase64Url(text), (char) => char.charCodeAt(0));
const ivLength = 12;

async function encrypt(key: Uint8Array<ArrayBuffer>, plain: Uint8Array<ArrayBuffer>, context: string): Promise<string> {
	const iv = crypto.getRandomValues(new Uint8Array(ivLength));
	const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
	const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(context) }, aes, plain);
	return bytesToBase64Url(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

async function decrypt(key: Uint8Array<ArrayBuffer>, sealed: string, context: string): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = bytesOf(sealed);
	const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
	const parameters = { name: "AES-GCM", iv: bytes.subarray(0, ivLength), additionalData: utf8(context) };
	return new Uint8Array(await crypto.subtle.decrypt(parameters, aes, bytes.subarray(ivLength)));
}
