import * as v from "valibot";
import { workerNames } from "../workers.ts";

/**
 * Where a key stands in its life. `added`: every Worker that verifies or opens learns it, nobody uses it yet. `current`: signs,
 * seals, is handed out. `leaving`: not used from now on, as soon as that is deployed everywhere. `retired`: used nowhere any
 * more, since `retiredAt`, and still good for what it has left behind.
 */
const states = ["added", "current", "leaving", "retired"] as const;

/** Never a whole number: JSON puts such names first in an object, and the first key is the one that signs. */
const Kid = v.pipe(v.string(), v.regex(/^(?=.*[^\d])[\w-]{1,64}$/));
const instant = v.pipe(v.number(), v.integer(), v.minValue(0));
/** 256 bits or more. */
const base64url = v.pipe(v.string(), v.regex(/^[\w-]{43,}$/));

const life = {
	kid: Kid,
	state: v.picklist(states),
	/** Milliseconds since 1970, like every instant here. */
	createdAt: instant,
	/** From when the overlap counts; null until then. For a card key also: submissions made later are refused. */
	retiredAt: v.nullable(instant),
};
const held = v.object(life);
/** What every key has, whatever it is for. */
export type Held = v.InferOutput<typeof held>;

const SecretKey = v.strictObject({ ...life, secret: base64url });
export type SecretKey = v.InferOutput<typeof SecretKey>;

/** A private key (RFC 7517). */
const keyPair = (kty: "OKP" | "EC", crv: "Ed25519" | "P-256") =>
	v.strictObject({
		...life,
		jwk: v.strictObject({
			kty: v.literal(kty),
			crv: v.literal(crv),
			x: v.string(),
			y: v.exactOptional(v.string()),
			d: v.string(),
		}),
	});
export type KeyPair = v.InferOutput<ReturnType<typeof keyPair>>;

/** One is in use, and no two have one name. */
const ring = <const Schema extends v.GenericSchema<unknown, Held>>(key: Schema) =>
	v.pipe(
		v.array(key),
		v.check((keys) => keys.filter(({ state }) => state === "current").length === 1, "exactly one key is current"),
		v.check((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, "two keys have one kid"),
		v.check((keys) => keys.every(({ state, retiredAt }) => (state === "retired") === (retiredAt !== null)), "retiredAt"),
		v.check((keys) => keys.filter(({ state }) => state === "added" || state === "leaving").length <= 1, "two changes at once"),
	);

/** All keys of one installation. What is missing has not been made yet. */
export const KeyFile = v.strictObject({
	format: v.literal(2),
	/** Ed25519, each Worker's own. */
	signing: v.strictObject(v.entriesFromList(workerNames, v.exactOptional(ring(keyPair("OKP", "Ed25519"))))),
	session: v.exactOptional(ring(SecretKey)),
	survey: v.exactOptional(ring(SecretKey)),
	/** P-256, billing's. */
	card: v.exactOptional(ring(keyPair("EC", "P-256"))),
	/** The vault's key-encryption keys. */
	vault: v.exactOptional(ring(SecretKey)),
	/** Of the vault's fingerprints: never rotated, they could not be compared any more. */
	fingerprint: v.exactOptional(base64url),
	/** What identity signs its own cookies with, and the pepper of its stored codes. */
	auth: v.exactOptional(v.strictObject({ secret: base64url, pepper: base64url })),
	/** What the provider of text messages asks for; the sandbox's in a local stack. */
	sms: v.exactOptional(v.string()),
	/** What the payment sandbox of a local stack asks for; the key of a real provider is not made here. */
	payment: v.exactOptional(v.string()),
	/** The development Access issuer's private RSA key: in a local stack only. */
	access: v.exactOptional(v.looseObject({ kty: v.literal("RSA"), kid: v.string() })),
});
export type KeyFile = v.InferOutput<typeof KeyFile>;

/** What rotates, beside the signing keys, of which every Worker has its own. */
export const sharedPurposes = ["card", "vault", "session", "survey"] as const;
export type SharedPurpose = (typeof sharedPurposes)[number];
