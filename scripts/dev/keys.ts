import { createHash, generateKeyPairSync, type JsonWebKey, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerName } from "../../shared/events/topology.ts";
import { home } from "./home.ts";

/** Keys of one local stack, made once and kept beside its data. They are worth nothing anywhere else. */
export interface DevKeys {
	/** Each Worker's private Ed25519 key. */
	readonly signing: Partial<Record<WorkerName, JsonWebKey>>;
	readonly session: { readonly kid: string; readonly secret: string };
	/** Signs survey invitations. */
	readonly survey: { readonly kid: string; readonly secret: string };
	/** Private P-256 keys that open cards; the first is given to browsers. `retiredAt`: takes none since, in ms since 1970. */
	readonly card: readonly (JsonWebKey & { readonly kid: string; readonly retiredAt?: number })[];
	/** The vault's key-encryption keys, the first seals, and the key of its fingerprints. */
	readonly vault: readonly { readonly id: string; readonly secret: string }[];
	readonly fingerprint: string;
	/** What the sandbox of text messages asks for. */
	readonly sms: string;
	/** What identity signs its own cookies with, and the pepper of its stored codes. */
	readonly auth: { readonly secret: string; readonly pepper: string };
	/** The development Access issuer's private RSA key. */
	readonly access: JsonWebKey;
}

const file = join(home, "dev-keys.json");

/** The keys of this stack, or undefined before it was started for the first time. */
export function readKeys(): DevKeys | undefined {
	return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** The keys of this stack; what is missing, all or those of a new Worker, is made. */
export function makeKeys(workers: readonly WorkerName[]): DevKeys {
	const known = readKeys();
	const signing = { ...known?.signing };
	for (const worker of workers) {
		signing[worker] ??= { ...generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }), kid: `dev-${worker}` };
	}
	const keys: DevKeys = {
		signing,
		session: known?.session ?? { kid: "dev-session", secret: randomBytes(32).toString("base64url") },
		survey: known?.survey ?? { kid: "dev-survey", secret: randomBytes(32).toString("base64url") },
		card: known?.card ?? [cardKey()],
		vault: known?.vault ?? [{ id: "dev-1", secret: randomBytes(32).toString("base64url") }],
		fingerprint: known?.fingerprint ?? randomBytes(32).toString("base64url"),
		sms: known?.sms ?? randomBytes(32).toString("base64url"),
		auth: known?.auth ?? { secret: randomBytes(32).toString("base64url"), pepper: randomBytes(32).toString("base64url") },
		access: known?.access ?? {
			...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
			kid: "dev-access",
			alg: "RS256",
		},
	};
	// In one step: a kill in the middle must not leave half a file.
	mkdirSync(home, { recursive: true });
	writeFileSync(`${file}.new`, JSON.stringify(keys, null, "\t"), { mode: 0o600 });
	renameSync(`${file}.new`, file);
	return keys;
}

/** A P-256 key pair whose name is its thumbprint (RFC 7638). */
function cardKey(): JsonWebKey & { kid: string } {
	const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
	const { crv, kty, x, y } = jwk;
	return { ...jwk, kid: createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url") };
}

/** What may be shown of a key: RFC 7517's members of an elliptic or RSA public key. */
export function publicPart({ kty, crv, kid, alg, x, y, n, e }: JsonWebKey): JsonWebKey {
	return JSON.parse(JSON.stringify({ kty, crv, kid, alg, x, y, n, e }));
}
