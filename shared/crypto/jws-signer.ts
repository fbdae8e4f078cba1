import { CompactSign, compactVerify, decodeProtectedHeader, importJWK, type JWK } from "jose";
import * as v from "valibot";
import type { Signer } from "../context.ts";
import type { WorkerName } from "../events/topology.ts";

const Ed25519Key = { kty: v.literal("OKP"), crv: v.literal("Ed25519"), kid: v.pipe(v.string(), v.minLength(1)), x: v.string() };

/** A Worker's private signing key (RFC 8037), `kid` included: a secret of that Worker alone. */
const SigningKey = v.object({ ...Ed25519Key, d: v.string() });
/** The public keys of every producer, retired ones for 60 days more. */
const PublicKeys = v.record(v.string(), v.array(v.object(Ed25519Key)));

const type = "quantum+jws";
/** RFC 9864's name for Ed25519; nothing else is ever accepted. */
const algorithm = "Ed25519";

/**
 * Compact JWS (RFC 7515) with Ed25519, `aud` and `iat` in the protected header. Both arguments are JSON from the
 * environment; a broken one throws, so that a Worker without keys takes no message instead of believing one.
 */
export function createJwsSigner(signingKey: string, publicKeys: string): Signer {
	const privateJwk = v.parse(SigningKey, JSON.parse(signingKey));
	const privateKey = importKey(privateJwk);
	const known = new Map<string, { source: WorkerName; key: ReturnType<typeof importJWK> }>();
	for (const [source, keys] of Object.entries(v.parse(PublicKeys, JSON.parse(publicKeys)))) {
		for (const jwk of keys) {
			if (known.has(jwk.kid)) throw new Error(`two public keys are called ${jwk.kid}`);
			const key = importKey(jwk);
			key.catch(() => {}); // told where it is used
			known.set(jwk.kid, { source: source as WorkerName, key }); // permissions know no other source
		}
	}
	return {
		async sign(payload, { audience, issuedAt }) {
			return new CompactSign(new TextEncoder().encode(payload))
				.setProtectedHeader({ alg: algorithm, typ: type, kid: privateJwk.kid, aud: audience, iat: issuedAt })
				.sign(await privateKey);
		},
		async verify(token) {
			const header = protectedHeader(token);
			if (header?.typ !== type || header.alg !== algorithm) return { failure: "malformed" };
			if (typeof header.kid !== "string" || typeof header["aud"] !== "string" || typeof header["iat"] !== "number") {
				return { failure: "malformed" };
			}
			const signedBy = known.get(header.kid);
			if (!signedBy) return { failure: "unknown_key" };
			try {
				const { payload } = await compactVerify(token, await signedBy.key, { algorithms: [algorithm] });
				return {
					source: signedBy.source,
					audience: header["aud"],
					issuedAt: header["iat"],
					payload: new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(payload),
				};
			} catch {
				return { failure: "bad_signature" };
			}
		},
	};
}

const importKey = (jwk: JWK) => importJWK({ ...jwk, alg: algorithm });

function protectedHeader(token: string) {
	try {
		return decodeProtectedHeader(token);
	} catch {
		return undefined;
	}
}
