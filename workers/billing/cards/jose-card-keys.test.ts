import { exportJWK, generateKeyPair, type JWK } from "jose";
import { describe, expect, it } from "vitest";
import { cardKey, publicCardKey } from "../../../shared/testing/bindings.ts";
import { newNonce, sealedCard, sealedText } from "../../../shared/testing/cards.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { joseCardKeys } from "./jose-card-keys.ts";

const keysOf = (...keys: object[]) => joseCardKeys(JSON.stringify(keys));
const keys = keysOf(cardKey);
const about = { customerId: newId("cus", "00"), cardId: newId("crd", "00"), nonce: newNonce() };
const base64Url = (text: string) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** A token with another protected header than it was sealed with. */
async function dressed(change: (header: Record<string, unknown>) => object): Promise<string> {
	const [header = "", ...others] = (await sealedCard(about)).split(".");
	return [base64Url(JSON.stringify(change(JSON.parse(atob(header))))), ...others].join(".");
}

const publicOf = ({ d: _, ...key }: JWK): JWK => key;

async function otherKey(kid: string): Promise<JWK> {
	return { ...(await exportJWK((await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true })).privateKey)), kid };
}

it("opens what was sealed for billing: header and payload as they were", async () => {
	const opened = await keys.open(await sealedCard({ ...about, name: "Ada Example" }));

	expect(opened).toMatchObject({
		header: { alg: "ECDH-ES", enc: "A256GCM", typ: "card+jwe", kid: cardKey.kid, sub: about.customerId, cid: about.cardId },
		payload: { sub: about.customerId, cid: about.cardId, nonce: about.nonce, name: "Ada Example" },
		retiredAt: null,
	});
});

it("each key opens its own, and says from when it takes none; one that is gone is `key_retired`", async () => {
	const [old, gone] = [await otherKey("old"), await otherKey("gone")];
	const both = keysOf(cardKey, { ...old, retiredAt: 1234 });

	expect(await both.open(await sealedCard(about))).toMatchObject({ retiredAt: null });
	expect(await both.open(await sealedCard({ ...about, key: publicOf(old) }))).toMatchObject({
		retiredAt: 1234,
	});
	expect(await both.open(await sealedCard({ ...about, key: publicOf(gone) }))).toEqual({
		failure: "key_retired",
	});
});

it("a payload that is no JSON is undefined", async () => {
	expect(await keys.open(await sealedText("no json", { kid: cardKey.kid }))).toMatchObject({ payload: undefined });
});

describe("`schema` for what is", () => {
	it.each<[string, () => string | Promise<string>]>([
		["empty", () => ""],
		["garbage", () => "garbage"],
		["five parts of nothing", () => "...."],
		[
			"sealed with another key of the same name",
			async () => sealedCard({ ...about, key: publicOf(await otherKey(cardKey.kid)) }),
		],
		["of a header that was changed", () => dressed((header) => ({ ...header, cid: newId("crd", "00") }))],
		["of a header in another order", () => dressed(({ alg, ...header }) => ({ ...header, alg }))],
		["without a key's name", () => dressed(({ kid: _, ...header }) => header)],
		["of a key's name that is no text", () => dressed((header) => ({ ...header, kid: [cardKey.kid] }))],
		[
			"row 8: of alg none, of an unknown key: the algorithm is looked at first",
			() => dressed((header) => ({ ...header, alg: "none", kid: "other" })),
		],
		["of alg dir", () => dressed((header) => ({ ...header, alg: "dir" }))],
		["of an alg that wraps", () => dressed((header) => ({ ...header, alg: "ECDH-ES+A256KW" }))],
		["of RSA", () => dressed((header) => ({ ...header, alg: "RSA-OAEP-256" }))],
		["of a password", () => dressed((header) => ({ ...header, alg: "PBES2-HS256+A128KW", p2c: 1e9, p2s: "c2FsdA" }))],
		["of another enc", () => dressed((header) => ({ ...header, enc: "A128CBC-HS256" }))],
		["truly wrapped, of ECDH-ES+A256KW", () => sealedText("{}", { kid: cardKey.kid, alg: "ECDH-ES+A256KW" })],
		["truly encrypted, of A128GCM", () => sealedText("{}", { kid: cardKey.kid, enc: "A128GCM" })],
		["truly zipped", () => sealedText("{}", { kid: cardKey.kid, zip: "DEF" })],
		["zipped", () => dressed((header) => ({ ...header, zip: "DEF" }))],
		["of critical fields", () => dressed((header) => ({ ...header, crit: ["sub"] }))],
		["of a point that is on no curve", () => dressed((header) => ({ ...header, epk: { ...publicCardKey, y: publicCardKey.x } }))],
		["of a point on another curve", () => dressed((header) => ({ ...header, epk: { ...publicCardKey, crv: "P-384" } }))],
		["with an encrypted key", async () => (await sealedCard(about)).replace("..", ".AAAA.")],
		["with a sixth part", async () => `${await sealedCard(about)}.AAAA`],
		["with a line's end behind it", async () => `${await sealedCard(about)}\n`],
		["in base64 that is not of URLs", async () => (await sealedCard(about)).replace(/.$/, "+")],
		["longer than any card", async () => (await sealedCard(about)).replace(/\.([\w-]+)\.([\w-]+)$/, `.${"A".repeat(1025)}.$2`)],
	])("%s", async (_, token) => {
		expect(await keys.open(await token())).toEqual({ failure: "schema" });
	});
});

it.each<[string, string]>([
	["none", ""],
	["an empty list", "[]"],
	["no JSON", "qqqq"],
	["a public key", JSON.stringify([publicCardKey])],
	["a key of another curve", JSON.stringify([{ ...cardKey, crv: "P-384" }])],
	["a key that is broken", JSON.stringify([{ ...cardKey, x: cardKey.y }])],
	["two keys of one name", JSON.stringify([cardKey, cardKey])],
])("without good keys (%s) no card is told that it is a bad one: it throws, and tells nothing of them", async (_, bad) => {
	const broken = joseCardKeys(bad); // the rest of billing works without

	const failure = await broken.open(await sealedCard(about)).catch((error: unknown) => `${error} ${JSON.stringify(error)}`);

	expect(failure).toMatch(/CARD_KEYS is not what it should be/);
	expect(failure).not.toContain(cardKey.d);
	expect(failure).not.toContain("qqqq");
});
