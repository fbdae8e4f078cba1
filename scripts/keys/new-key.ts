import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyPair, SecretKey } from "./format.ts";

export const newSecret = (): string => randomBytes(32).toString("base64url");

/** A key of 256 bits, in use at once: the first of its kind. */
export function secretKey(purpose: string, now: number): SecretKey {
	return { kid: newKid(purpose, now), state: "current", createdAt: now, retiredAt: null, secret: newSecret() };
}

/** An Ed25519 key pair (RFC 8037) in use at once. */
export function signingKey(worker: string, now: number): KeyPair {
	const { x, d } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
	const jwk = { kty: "OKP", crv: "Ed25519", x: String(x), d: String(d) } as const;
	return { kid: newKid(worker, now), state: "current", createdAt: now, retiredAt: null, jwk };
}

/** A P-256 key pair in use at once. Its name is its thumbprint (RFC 7638). */
export function cardKey(now: number): KeyPair {
	const made = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
	const point = { crv: "P-256", kty: "EC", x: String(made["x"]), y: String(made["y"]) } as const;
	const kid = createHash("sha256").update(JSON.stringify(point)).digest("base64url");
	return { kid, state: "current", createdAt: now, retiredAt: null, jwk: { ...point, d: String(made["d"]) } };
}

/** Says what it is for and since when, and is no other's: `session-20261122-9f3a1c`. */
function newKid(purpose: string, now: number): string {
	const day = new Date(now).toISOString().slice(0, 10).replaceAll("-", "");
	return `${purpose}-${day}-${randomBytes(3).toString("hex")}`;
}
