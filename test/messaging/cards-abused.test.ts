import { CompactEncrypt, generateKeyPair, importJWK } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromBase64Url, toBase64Url } from "../../shared/bytes.ts";
import { cardKey, publicCardKey } from "../../shared/testing/bindings.ts";
import { sealedText } from "../../shared/testing/cards.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId } from "../../shared/testing/fixtures.ts";
import { sentTo, signAs, tamper, unsigned } from "../../shared/testing/forge.ts";
import { CardsAtBilling, saidVerified, stands } from "./cards-at-billing.ts";

let cards: CardsAtBilling;
beforeEach(() => {
	cards = new CardsAtBilling();
});
afterEach(() => {
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

const reasons = async () => (await cards.told()).map(({ type, data }) => [type, data["reason"]]);
const rejected = ["CardRejected", "schema"];

describe("row 6: a card message a hundred times is one card:", () => {
	const hundred = Array.from({ length: 100 }, (_, at) => at);
	const expectOneCard = async (cardId: string) => {
		expect(await cards.told()).toEqual([saidVerified(cardId)]);
		expect(await cards.rows()).toEqual([stands(cardId)]);
		expect(await cards.sealed()).toEqual([cardId]);
	};

	it("replayed, in one batch and one by one", async () => {
		const { cardId, message } = await cards.submit();
		await cards.deliver(...hundred.map(() => message));
		for (const _ of hundred.slice(0, 5)) await cards.deliver(message);
		await expectOneCard(cardId);
	});

	it("as a hundred events, each with another form of the same token and each accepted later", async () => {
		const { cardId, event, message } = await cards.submit();
		// the last character of a tag has four bits to spare: sixteen tokens that are the same to whoever opens them
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
		const last = alphabet.indexOf(event.data.jwe.slice(-1));
		const forms = hundred.map((at) => event.data.jwe.slice(0, -1) + alphabet.charAt((last & 48) | (at % 16)));
		const others = await Promise.all(
			forms.map((jwe, at) => cards.submit({ cardId, nonce: event.data.nonce, jwe, acceptedAt: cards.quanta.now + at })),
		);
		await cards.deliver(message, ...others.map((other) => other.message));
		await cards.forgetInbox();
		await cards.deliver(...others.map((other) => other.message));
		await expectOneCard(cardId);
	});

	it("with one character changed, wherever that is", async () => {
		const { cardId, event, message } = await cards.submit();
		const { jwe, nonce } = event.data;
		const mutated = hundred.map((at) => {
			const place = Math.floor((at * jwe.length) / hundred.length);
			return jwe.slice(0, place) + (jwe[place] === "A" ? "B" : "A") + jwe.slice(place + 1);
		});
		const acceptedAt = cards.quanta.now + 1;
		const others = await Promise.all(mutated.map((one) => cards.submit({ cardId, nonce, jwe: one, acceptedAt })));
		await cards.deliver(...others.map((other) => other.message), message);
		await expectOneCard(cardId);
	});
});

/** Five parts with any header: what does not get past it needs no true ciphertext. */
const withHeader = (header: object, encryptedKey = "") =>
	[toBase64Url(JSON.stringify(header)), encryptedKey, "A".repeat(16), "A".repeat(342), "A".repeat(22)].join(".");
const text = new TextEncoder().encode("{}".padEnd(256));
const header = { enc: "A256GCM", kid: cardKey.kid, typ: "card+jwe" };

describe("row 8: another algorithm is rejected for good, and comes from nobody's retry:", () => {
	const tokens: Record<string, () => string | Promise<string>> = {
		none: () => withHeader({ ...header, alg: "none" }),
		"dir, under the public key as a secret that everybody knows": () =>
			new CompactEncrypt(text)
				.setProtectedHeader({ ...header, alg: "dir" })
				.encrypt(Uint8Array.from(fromBase64Url(publicCardKey.x), (char) => char.charCodeAt(0))),
		HS256: () => withHeader({ ...header, alg: "HS256" }),
		"HS256, as a signed token": () => `${toBase64Url('{"alg":"HS256"}')}.${toBase64Url("{}")}.${"A".repeat(43)}`,
		"RSA-OAEP, with a key of its own": async () => {
			const { publicKey } = await generateKeyPair("RSA-OAEP-256");
			return new CompactEncrypt(text).setProtectedHeader({ ...header, alg: "RSA-OAEP-256" }).encrypt(publicKey);
		},
		"RSA-OAEP, without its encrypted key": () => withHeader({ ...header, alg: "RSA-OAEP-256" }),
		"ECDH-ES with a wrapped key": async () =>
			new CompactEncrypt(text)
				.setProtectedHeader({ ...header, alg: "ECDH-ES+A256KW" })
				.encrypt(await importJWK(publicCardKey, "ECDH-ES+A256KW")),
	};
	for (const [name, token] of Object.entries(tokens)) {
		it(name, async () => {
			const opened = vi.spyOn(crypto.subtle, "decrypt");
			const { message } = await cards.submit({ jwe: await token() });
			await cards.deliver(message);
			expect(await reasons()).toEqual([rejected]);
			expect(opened).not.toHaveBeenCalled();
		});
	}
});

describe("row 9: PBES2 with p2c = 1e9", () => {
	const derivations = () => [vi.spyOn(crypto.subtle, "deriveBits"), vi.spyOn(crypto.subtle, "deriveKey")];
	const password = { ...header, alg: "PBES2-HS256+A128KW", p2s: "A".repeat(22), p2c: 1e9 };

	it.each([
		["with", "A".repeat(32)],
		["without", ""],
	])("starts no derivation of a key, %s an encrypted one", async (_, key) => {
		const started = derivations();
		const { message } = await cards.submit({ jwe: withHeader(password, key) });
		await cards.deliver(message);

		expect(await reasons()).toEqual([rejected]);
		for (const derivation of started) expect(derivation).not.toHaveBeenCalled();
	});

	it("which a true card does start, so that it would have been seen", async () => {
		const [started] = derivations();
		await cards.deliver((await cards.submit()).message);
		expect(started).toHaveBeenCalled();
	});
});

it("row 10: a token that would unpack to far more than it is has nothing unpacked", async () => {
	const unpacked = vi.fn();
	const bomb = await sealedText("0".repeat(500_000), { ...header, zip: "DEF", sub: "s", cid: "c" });
	expect(bomb.length).toBeLessThan(1500);
	vi.stubGlobal("DecompressionStream", unpacked);
	const { message } = await cards.submit({ jwe: bomb });
	await cards.deliver(message);

	expect(await reasons()).toEqual([rejected]);
	expect(unpacked).not.toHaveBeenCalled();
});

describe("row 11: a card message that is not believed is quarantined without a receipt, and the true one is unharmed:", () => {
	const ada = customerId("00");
	const forgeries: Record<string, [reason: string, forge: (event: object, message: string) => string | Promise<string>]> = {
		unsigned: ["malformed", (event) => unsigned(event, { alg: "none", typ: "quantum+jws", ...sentTo("billing", Date.now()) })],
		changed: ["bad_signature", (_, message) => tamper(message)],
		"signed by another under the customer quantum's name": [
			"bad_signature",
			(event) => signAs("sysops", event, { ...sentTo("billing", cards.quanta.now), kid: "test-customer" }),
		],
		"signed by another with its own true key": [
			"wrong_source",
			(event) => signAs("sysops", event, sentTo("billing", cards.quanta.now)),
		],
		"of another audience": ["wrong_audience", (event) => cards.sign(event, sentTo("customer", cards.quanta.now))],
		"a verdict, which is not the customer quantum's to say": [
			"forbidden_type",
			(event) => cards.sign({ ...event, type: "CardVerified" }),
		],
		"of somebody who may not send it": [
			"forbidden_type",
			(event) => signAs("sysops", { ...event, source: "sysops" }, sentTo("billing", cards.quanta.now)),
		],
	};
	for (const [name, [reason, forge]] of Object.entries(forgeries)) {
		it(name, async () => {
			const { cardId, event, message } = await cards.submit();
			const evil = await forge(event, message);
			await cards.deliver(evil);
			expect(cards.quanta.take("receipts-customer")).toEqual([]);
			expect(await cards.rows()).toEqual([]);
			const quarantined = await rowsOf(cards.quanta.databases.billing00, "select reason from quarantine");
			expect(quarantined).toEqual([{ reason }]);

			await cards.deliver(evil, message, evil);
			expect(await cards.told()).toEqual([saidVerified(cardId)]);
			expect(cards.quanta.take("receipts-customer")).toHaveLength(1);
			expect(await rowsOf(cards.quanta.databases.billing00, "select customer_id from cards")).toEqual([{ customer_id: ada }]);
		});
	}
});
