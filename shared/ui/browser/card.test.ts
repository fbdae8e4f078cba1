import { compactDecrypt, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { cardLimits } from "../../cards.ts";
import { cardKey, publicCardKey } from "../../testing/bindings.ts";
import { customerId, newId } from "../../testing/fixtures.ts";
import { concatKdf, sealCard } from "./card.ts";

const algorithms = {
	keyManagementAlgorithms: ["ECDH-ES"],
	contentEncryptionAlgorithms: ["A256GCM"],
	maxDecompressedLength: 0,
};

const now = Date.UTC(2026, 10, 22);
const intentOf = (cardId = newId("crd", "00")) => ({
	cardId,
	nonce: "AAAAAAAAAAAAAAAAAAAAAA",
	expiresAt: new Date(now + 600_000).toISOString(),
	customerId: customerId("00"),
	key: publicCardKey,
});
const card = { pan: "4242424242424242", expMonth: 12, expYear: 2030 };

async function open(jwe: string) {
	const { plaintext, protectedHeader } = await compactDecrypt(jwe, await importJWK(cardKey, "ECDH-ES"), algorithms);
	return { header: protectedHeader, bytes: plaintext.length, payload: JSON.parse(new TextDecoder().decode(plaintext)) };
}

const digits = (count: number) => Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => byte % 10).join("");

describe("a sealed card", () => {
	it("is opened by billing's own library, each of 1,000", async () => {
		for (let i = 0; i < 1000; i++) {
			const random = { pan: digits(13 + (i % 7)), expMonth: 1 + (i % 12), expYear: 2026 + (i % 70) };
			const intent = intentOf();
			const { header, bytes, payload } = await open(await sealCard(random, intent, now + i));
			expect(header).toMatchObject({ kid: cardKey.kid, sub: intent.customerId, cid: intent.cardId });
			expect(payload).toMatchObject(random);
			expect(bytes).toBe(256);
		}
	});

	it("says in its header and its payload what it is for, and nothing else", async () => {
		const intent = intentOf();
		const { header, payload } = await open(await sealCard(card, intent, now + 999));

		const { cardId: cid, customerId: sub, nonce } = intent;
		const epk = { kty: "EC", crv: "P-256", x: expect.stringMatching(/^[\w-]{43}$/), y: expect.stringMatching(/^[\w-]{43}$/) };
		expect(header).toEqual({ alg: "ECDH-ES", enc: "A256GCM", kid: cardKey.kid, typ: "card+jwe", sub, cid, epk });
		const [iat, exp] = [now / 1000, now / 1000 + 600];
		expect(payload).toEqual({ v: 1, aud: "billing.card.v1", sub, cid, nonce, iat, exp, ...card });
	});

	it("is as long whatever is in it, by bytes and not by characters, and within what is taken", async () => {
		expect((await open(await sealCard({ ...card, pan: "4".repeat(19) }, intentOf(), now))).bytes).toBe(256);
		for (const [name, length] of [
			["Ada", 256],
			["李小龍", 256],
			["李小龍 李小龍", 512],
			["𝒜𝒹𝒶 👩‍🔧", 512],
			["Ł".repeat(100), 512],
		] as const) {
			const jwe = await sealCard({ ...card, name }, intentOf(), now);
			const { bytes, payload } = await open(jwe);
			expect({ bytes, name: payload.name }).toEqual({ bytes: length, name });
			expect(jwe.length).toBeLessThan(cardLimits.jwe);
		}
	});

	it("has a key, and so a secret, of its own", async () => {
		const intent = intentOf();
		const [one, two] = [await sealCard(card, intent, now), await sealCard(card, intent, now)];
		expect((await open(one)).header.epk).not.toEqual((await open(two)).header.epk);
		expect(one.split(".")[2]).not.toBe(two.split(".")[2]);
	});

	it("does not open with another header", async () => {
		const [header = "", ...rest] = (await sealCard(card, intentOf(), now)).split(".");
		const other = btoa(atob(header.replaceAll("-", "+").replaceAll("_", "/")).replace('"cid":"crd_00', '"cid":"crd_01'));
		const forged = [other.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""), ...rest].join(".");
		await expect(open(forged)).rejects.toThrow(/decryption operation failed/);
	});
});

it("the key derivation gives what RFC 7518, appendix C, gives", async () => {
	const secret = [
		158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128, 106, 72, 246, 218,
		167, 121, 140, 254, 144, 196,
	];
	const encode = (text: string) => new TextEncoder().encode(text);

	const key = await concatKdf(new Uint8Array(secret), "A128GCM", 128, encode("Alice"), encode("Bob"));

	expect([...key]).toEqual([86, 170, 141, 234, 248, 35, 109, 32, 92, 34, 40, 205, 113, 167, 16, 26]);
});
