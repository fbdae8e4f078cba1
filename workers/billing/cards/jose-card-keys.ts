import { compactDecrypt, importJWK } from "jose";
import * as v from "valibot";
import { parseJson } from "../../../shared/messaging/envelope.ts";
import type { CardKeys, OpenedCard } from "./card-keys.ts";

/**
 * `CARD_KEYS`: private P-256 keys (RFC 7517), each with its RFC 7638 thumbprint as `kid`, and from when it takes no new card
 * any more, in milliseconds since 1970. One that is gone from here opens nothing.
 */
const CardKeyList = v.pipe(
	v.array(
		v.object({
			kty: v.literal("EC"),
			crv: v.literal("P-256"),
			kid: v.pipe(v.string(), v.minLength(1)),
			x: v.string(),
			y: v.string(),
			d: v.string(),
			retiredAt: v.optional(v.nullable(v.number()), null),
		}),
	),
	v.minLength(1), // without any, every card would be told that its key is gone
	v.check((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
);

/** A compact JWE (RFC 7516) of ECDH-ES, which has no encrypted key, with A256GCM: 96 bits and 128 bits. */
const shape = /^[\w-]{1,1024}\.\.[\w-]{16}\.[\w-]{1,1024}\.[\w-]{22}$/;

/**
 * Keys are read when first needed: without them everything else still works. Throws for keys that are missing or no keys;
 * whatever a token says is a `failure`.
 */
export function joseCardKeys(keys: string): CardKeys {
	let list: ReturnType<typeof importKeys> | undefined;
	return {
		async open(jwe): Promise<OpenedCard> {
			list ??= importKeys(keys);
			const keyOf = await list;
			if (!shape.test(jwe)) return { failure: "schema" };
			let unknown = false;
			try {
				const { plaintext, protectedHeader } = await compactDecrypt(
					jwe,
					({ kid }) => {
						const named = typeof kid === "string" ? keyOf.get(kid) : undefined;
						unknown = typeof kid === "string" && !named;
						if (!named) throw new Error("unknown key");
						return named.key;
					},
					{ keyManagementAlgorithms: ["ECDH-ES"], contentEncryptionAlgorithms: ["A256GCM"], maxDecompressedLength: 0 },
				);
				const payload = parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(plaintext));
				return { header: { ...protectedHeader }, payload, retiredAt: keyOf.get(protectedHeader.kid ?? "")?.retiredAt ?? null };
			} catch {
				return { failure: unknown ? "key_retired" : "schema" };
			}
		},
	};
}

/** What parsers and WebCrypto say of a key that is none may have the key in it. */
async function importKeys(keys: string) {
	try {
		const imported = v.parse(CardKeyList, JSON.parse(keys)).map(async ({ kid, retiredAt, ...jwk }) => {
			const key = await importJWK(jwk, "ECDH-ES");
			return [kid, { key, retiredAt }] as const;
		});
		return new Map(await Promise.all(imported));
	} catch {
		throw new Error("CARD_KEYS is not what it should be");
	}
}
