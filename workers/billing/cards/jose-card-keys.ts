import { compactDecrypt, importJWK } from "jose";
import * as v from "valibot";
import { parseJson } from "../../../shared/messaging/envelope.ts";
import type { CardKeys, OpenedCard } from "./card-keys.ts";

/**
 * `CARD_KEYS`: private P-256 keys (RFC 7517), each with its RFC 7638 thumbprint as `kid`, and from when it takes no new card
 * any more, in milliseconds since 1970. One that is gone from here opens nothing.
 */
const CardKeyList = v.array(
	v.object({
		kty: v.literal("EC"),
		crv: v.literal("P-256"),
		kid: v.pipe(v.string(), v.minLength(1)),
		x: v.string(),
		y: v.string(),
		d: v.string(),
		retiredAt: v.optional(v.nullable(v.number()), null),
	}),
);

/** A compact JWE (RFC 7516) of ECDH-ES, which has no encrypted key, with A256GCM: 96 bits and 128 bits. */
const shape = /^[\w-]{1,1024}\.\.[\w-]{16}\.[\w-]{1,1024}\.[\w-]{22}$/;

/** Keys are read when first needed: without them everything else still works. */
export function joseCardKeys(keys: string): CardKeys {
	const known = () => new Map(v.parse(CardKeyList, JSON.parse(keys)).map((key) => [key.kid, key]));
	return {
		async open(jwe): Promise<OpenedCard> {
			const list = known();
			if (!shape.test(jwe)) return { failure: "schema" };
			let unknown = false;
			let retiredAt: number | null = null;
			try {
				const { plaintext, protectedHeader } = await compactDecrypt(
					jwe,
					async ({ kid = "" }) => {
						const key = list.get(kid);
						unknown = !key;
						if (!key) throw new Error("unknown key");
						const { retiredAt: end, ...jwk } = key;
						retiredAt = end;
						return importJWK(jwk, "ECDH-ES");
					},
					{ keyManagementAlgorithms: ["ECDH-ES"], contentEncryptionAlgorithms: ["A256GCM"], maxDecompressedLength: 0 },
				);
				return { header: { ...protectedHeader }, payload: parseJson(new TextDecoder().decode(plaintext)), retiredAt };
			} catch {
				return { failure: unknown ? "key_retired" : "schema" };
			}
		},
	};
}
