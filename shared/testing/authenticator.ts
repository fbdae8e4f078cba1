import { fromBase64Url, toBase64Url } from "../bytes.ts";

type Options = Readonly<Record<string, unknown>>;

const flags = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 };
const bytesOf = (text: string) => Uint8Array.from(new TextEncoder().encode(text));
const encode = (bytes: Uint8Array) => toBase64Url(String.fromCharCode(...bytes));
const join = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

/** A passkey in software (WebAuthn Level 3): ES256, no attestation, one credential. */
export class Authenticator {
	counter = 0;
	readonly #id = crypto.getRandomValues(new Uint8Array(32));
	readonly #keys: CryptoKeyPair;
	private constructor(keys: CryptoKeyPair) {
		this.#keys = keys;
	}

	static async make(): Promise<Authenticator> {
		const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
		return new Authenticator(keys as CryptoKeyPair); // ECDSA keys come in pairs
	}

	/** What a browser at `origin` makes of registration options. */
	async create(options: Options, origin: string) {
		const clientData = bytesOf(JSON.stringify({ type: "webauthn.create", challenge: options["challenge"], origin }));
		const { id } = options["rp"] as { id: string }; // as the options are made
		const credential = join(new Uint8Array(16), [0, this.#id.length], this.#id, await this.#coseKey());
		const data = join(await this.#authenticatorData(id, flags.attested), credential);
		const attestation = join([0xa3], text("fmt"), text("none"), text("attStmt"), [0xa0], text("authData"), byteString(data));
		return this.#credential({
			clientDataJSON: encode(clientData),
			attestationObject: encode(attestation),
			transports: ["internal"],
		});
	}

	/** What a browser at `origin` makes of sign-in options. */
	async get(options: Options, origin: string) {
		this.counter += 1;
		const clientData = bytesOf(JSON.stringify({ type: "webauthn.get", challenge: options["challenge"], origin }));
		const data = await this.#authenticatorData(String(options["rpId"]), 0);
		const signed = join(data, await sha256(clientData));
		const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, this.#keys.privateKey, signed);
		return this.#credential({
			clientDataJSON: encode(clientData),
			authenticatorData: encode(data),
			signature: encode(derSignature(new Uint8Array(signature))),
		});
	}

	#credential(response: Record<string, unknown>) {
		const id = encode(this.#id);
		return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
	}

	async #authenticatorData(rpId: string, more: number): Promise<Uint8Array> {
		const counter = new Uint8Array(4);
		new DataView(counter.buffer).setUint32(0, this.counter);
		return join(await sha256(bytesOf(rpId)), [flags.userPresent | flags.userVerified | more], counter);
	}

	/** RFC 9053: an EC2 key for ES256 on P-256. */
	async #coseKey(): Promise<Uint8Array> {
		const jwk = (await crypto.subtle.exportKey("jwk", this.#keys.publicKey)) as JsonWebKey; // of a public key in that format
		const part = (value = "") => byteString(Uint8Array.from(fromBase64Url(value), (char) => char.charCodeAt(0)));
		return join([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21], part(jwk.x), [0x22], part(jwk.y));
	}
}

/** CBOR (RFC 8949) of a short text. */
const text = (value: string) => join([0x60 + value.length], bytesOf(value));

/** CBOR of bytes, up to 65,535. */
const byteString = (bytes: Uint8Array) =>
	bytes.length < 256 ? join([0x58, bytes.length], bytes) : join([0x59, bytes.length >> 8, bytes.length & 255], bytes);

/** WebAuthn signs in DER, WebCrypto gives r and s as they are. */
function derSignature(raw: Uint8Array): Uint8Array {
	const integer = (bytes: Uint8Array) => {
		const from = bytes.findIndex((byte) => byte !== 0);
		const short = bytes.subarray(from);
		const positive = (short[0] ?? 0) > 127 ? join([0], short) : short;
		return join([0x02, positive.length], positive);
	};
	const body = join(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
	return join([0x30, body.length], body);
}
