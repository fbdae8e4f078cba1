import { fromBase64Url, toBase64Url } from "../../shared/bytes.ts";
import { parseJson } from "../../shared/messaging/envelope.ts";
import type { CardKeys } from "../../workers/billing/cards/card-keys.ts";
import type { CardSecret, NumberSecret, Vault, WrappedKey } from "../../workers/billing/vault/vault.ts";

/**
 * Fakes, for the simulation alone: real cryptography runs on other threads and would break replay. They keep what matters
 * here: which key something is for, keys that are retired or gone, and what does not open under another owner or key.
 */

/** The keys of billing in one world. `card` by kid with the time from when it takes none; the first of `keks` seals. */
export interface CardKeyRing {
	/** Given to browsers. */
	current: string;
	readonly card: Map<string, number | null>;
	readonly keks: string[];
}

/** As long as an RFC 7638 thumbprint. */
export const fakeKid = (number: number) => `card-${number}`.padEnd(43, "-");

export const newCardKeyRing = (): CardKeyRing => ({
	current: fakeKid(1),
	card: new Map([[fakeKid(1), null]]),
	keks: ["kek-1"],
});

const point = { kty: "EC", crv: "P-256", x: "x".repeat(43), y: "y".repeat(43) } as const;

/** What the customer Worker is deployed with: the key that browsers are given at the moment, then those of intents from before. */
export const fakePublicKeys = ({ current, card }: CardKeyRing) =>
	JSON.stringify([...new Set([current, ...card.keys()])].map((kid) => ({ ...point, kid })));

const iv = "fake-iv-16-chars";
const tag = "fake-tag-of-22-chars--";
/** Stands in every sealed card, so that it can be looked for. */
export const sealedMark = iv;

/** What a browser would make of a card, of the shape of a compact JWE. */
export function fakeSeal(kid: string, { sub, cid }: { sub: string; cid: string }, payload: object): string {
	const header = {
		alg: "ECDH-ES",
		enc: "A256GCM",
		kid,
		typ: "card+jwe",
		sub,
		cid,
		epk: point,
	};
	return `${toBase64Url(JSON.stringify(header))}..${iv}.${toBase64Url(JSON.stringify(payload))}.${tag}`;
}

export function fakeCardKeys(ring: CardKeyRing): CardKeys {
	return {
		async open(jwe) {
			const [header = "", , , payload = ""] = jwe.split(".");
			const read = parseJson(fromBase64Url(header)) as { kid: string } | undefined; // what `fakeSeal` has written
			if (!read) return { failure: "schema" };
			const retiredAt = ring.card.get(read.kid);
			if (retiredAt === undefined) return { failure: "key_retired" };
			return { header: { ...read }, payload: parseJson(fromBase64Url(payload)), retiredAt };
		},
	};
}

/** What is sealed is reversed, so that it cannot be found by looking for it. */
const turned = (text: string) => [...text].reverse().join("");

export function fakeVault(ring: CardKeyRing): Vault {
	const kekId = () => ring.keks[0] ?? "";
	const wrap = (cardId: string, customerId: string): WrappedKey => ({
		kekId: kekId(),
		wrappedKey: `${kekId()} ${cardId} ${customerId}`,
	});
	const unwrap = ({ kekId: id, wrappedKey }: WrappedKey, cardId: string, customerId: string) => {
		if (!ring.keks.includes(id)) throw new Error("the key-encryption key is not here");
		if (wrappedKey !== `${id} ${cardId} ${customerId}`) throw new Error("not intact");
	};
	return {
		get kekId() {
			return kekId();
		},
		has: (id) => ring.keks.includes(id),
		seal: async (secret, { cardId, customerId }) => ({
			...wrap(cardId, customerId),
			sealedCard: turned(JSON.stringify({ ...secret, cardId, customerId })),
		}),
		async open(sealed, { cardId, customerId }): Promise<CardSecret | NumberSecret> {
			unwrap(sealed, cardId, customerId);
			const { cardId: card, customerId: owner, ...secret } = JSON.parse(turned(sealed.sealedCard));
			if (card !== cardId || owner !== customerId) throw new Error("not intact");
			return secret;
		},
		async rewrap(wrapped, { cardId, customerId }) {
			unwrap(wrapped, cardId, customerId);
			return wrap(cardId, customerId);
		},
		fingerprint: async (pan, customerId) => `fingerprint of ${turned(pan)} of ${customerId}`,
	};
}
