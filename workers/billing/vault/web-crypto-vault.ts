import * as v from "valibot";
import { bytesToBase64Url, fromBase64Url } from "../../../shared/bytes.ts";
import type { CardOwner, CardSecret, NumberSecret, Vault, WrappedKey } from "./vault.ts";

/** 256 bits in base64url. */
const Key = v.pipe(v.string(), v.regex(/^[\w-]{43}$/));

/**
 * `VAULT_KEKS`: id → key. The first seals; the others open, while one replaces another. An id of digits alone is refused:
 * JavaScript sorts those before all others, whatever the JSON says, and another key would be the first.
 */
const Keks = v.pipe(
	v.record(v.pipe(v.string(), v.regex(/^(?!\d+$)[\w-]{1,64}$/)), Key),
	v.check((keks) => Object.keys(keks).length > 0),
);

const expiry = { expMonth: v.number(), expYear: v.number() };
/** Exactly one or the other: what holds a token has no number beside it. */
const Secret = v.union([
	v.strictObject({ token: v.pipe(v.string(), v.minLength(1)), ...expiry }),
	v.strictObject({ pan: v.string(), ...expiry, name: v.nullable(v.string()) }),
]);

/**
 * AES-256-GCM (NIST SP 800-38D) and HMAC-SHA-256 by WebCrypto. Keys are read when first needed: without them everything
 * else still works.
 */
export function webCryptoVault(keks: string, fingerprintKey: string): Vault {
	let read: { readonly current: string; readonly keys: ReadonlyMap<string, Promise<CryptoKey>> } | undefined;
	const all = () => {
		read ??= readKeks(keks);
		return read;
	};
	const kek = (kekId: string) => {
		const key = all().keys.get(kekId);
		if (!key) throw new Error("the key-encryption key is not here");
		return key;
	};
	const wrap = async (dek: Bytes, owner: CardOwner): Promise<WrappedKey> => {
		const { current } = all();
		return { kekId: current, wrappedKey: await encrypt(await kek(current), dek, dekOf(owner, current)) };
	};
	const unwrap = async ({ kekId, wrappedKey }: WrappedKey, owner: CardOwner) =>
		decrypt(await kek(kekId), wrappedKey, dekOf(owner, kekId));
	return {
		get kekId() {
			return all().current;
		},
		has: (kekId) => all().keys.has(kekId),
		async seal(secret, owner) {
			const dek = crypto.getRandomValues(new Uint8Array(32));
			const sealedCard = await encrypt(await importAes(dek), utf8(JSON.stringify(secret)), dataOf(owner));
			return { ...(await wrap(dek, owner)), sealedCard };
		},
		async open(sealed, owner): Promise<CardSecret | NumberSecret> {
			const dek = await importAes(await unwrap(sealed, owner));
			const plain = await decrypt(dek, sealed.sealedCard, dataOf(owner));
			return quietly("a sealed card is not what it should be", () =>
				v.parse(Secret, JSON.parse(new TextDecoder().decode(plain))),
			);
		},
		rewrap: async (wrapped, owner) => wrap(await unwrap(wrapped, owner), owner),
		async fingerprint(pan, customerId) {
			const bits = quietly("FINGERPRINT_KEY is not what it should be", () => bytesOf(v.parse(Key, fingerprintKey)));
			const key = await crypto.subtle.importKey("raw", bits, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
			return bytesToBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(`${customerId}\0${pan}`))));
		},
	};
}

function readKeks(text: string) {
	const keks = quietly("VAULT_KEKS is not what it should be", () => Object.entries(v.parse(Keks, JSON.parse(text))));
	const [current = ""] = keks.map(([id]) => id);
	return { current, keys: new Map(keks.map(([id, secret]) => [id, importAes(bytesOf(secret))])) };
}

/** What parsers say when they fail has the text in it that they failed at: a key, or a card's number. */
function quietly<Result>(failure: string, parse: () => Result): Result {
	try {
		return parse();
	} catch {
		throw new Error(failure);
	}
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What a ciphertext is bound to (additional authenticated data). */
const dataOf = ({ cardId, customerId }: CardOwner) => `data|v1|${cardId}|${customerId}`;
const dekOf = ({ cardId, customerId }: CardOwner, kekId: string) => `dek|v1|${cardId}|${customerId}|${kekId}`;

const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text));
const bytesOf = (text: string): Bytes => Uint8Array.from(fromBase64Url(text), (char) => char.charCodeAt(0));
const importAes = (key: Bytes) => crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);

/** Random for each message, and in front of its ciphertext: 96 bits. */
const ivLength = 12;

async function encrypt(key: CryptoKey, plain: Bytes, context: string): Promise<string> {
	const iv = crypto.getRandomValues(new Uint8Array(ivLength));
	const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(context) }, key, plain);
	return bytesToBase64Url(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
}

async function decrypt(key: CryptoKey, sealed: string, context: string): Promise<Bytes> {
	const bytes = bytesOf(sealed);
	const parameters = { name: "AES-GCM", iv: bytes.subarray(0, ivLength), additionalData: utf8(context) };
	return new Uint8Array(await crypto.subtle.decrypt(parameters, key, bytes.subarray(ivLength)));
}
