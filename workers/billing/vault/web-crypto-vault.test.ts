import { describe, expect, it } from "vitest";
import { bytesToBase64Url, fromBase64Url } from "../../../shared/bytes.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import type { CardSecret, SealedCard } from "./vault.ts";
import { webCryptoVault } from "./web-crypto-vault.ts";

const key = (letter: string) => letter.repeat(43);
const fingerprintKey = key("f");
const vaultOf = (keks: object, fingerprints = fingerprintKey) => webCryptoVault(JSON.stringify(keks), fingerprints);
const vault = vaultOf({ "kek-1": key("a") });
const owner = { cardId: newId("crd", "00"), customerId: newId("cus", "00") };
const pan = "4111111111111111";
const card = { token: "tok_4111111111111111", expMonth: 7, expYear: 2031 };
const sealed = await vault.seal(card, owner);

const bytesOf = (text: string) => Uint8Array.from(fromBase64Url(text), (char) => char.charCodeAt(0));
const told = (work: () => unknown) =>
	Promise.resolve()
		.then(work)
		.then(
			() => "nothing went wrong",
			(error: unknown) => `${error} ${error instanceof Error ? error.stack : ""} ${JSON.stringify(error)}`,
		);

it("what is sealed opens, and nothing of it can be read", async () => {
	expect(await vault.open(sealed, owner)).toEqual(card);
	expect(sealed.kekId).toBe("kek-1");
	const bytes = [sealed.wrappedKey, sealed.sealedCard].map(fromBase64Url);
	expect([...bytes, ...Object.values(sealed)].join(" ")).not.toMatch(/4111|1111|tok|2031/);
});

it("two seals of one card have nothing in common: data key, initialisation vectors, ciphertexts", async () => {
	const other = await vault.seal(card, owner);

	for (const part of ["wrappedKey", "sealedCard"] as const) {
		const [one, two] = [bytesOf(sealed[part]), bytesOf(other[part])];
		expect(one.subarray(0, 12)).not.toEqual(two.subarray(0, 12));
		expect(one.subarray(12)).not.toEqual(two.subarray(12));
	}
	expect(await told(() => vault.open({ ...other, wrappedKey: sealed.wrappedKey }, owner))).toMatch(/OperationError/);
});

it("has the sizes of AES-256-GCM: 96 bits of initialisation vector, 256 of data key, 128 of tag", () => {
	expect(bytesOf(sealed.wrappedKey).length).toBe(12 + 32 + 16);
	expect(bytesOf(sealed.sealedCard).length).toBe(12 + JSON.stringify(card).length + 16);
});

describe("does not open as the row of", () => {
	const both = vaultOf({ "kek-1": key("a"), "kek-2": key("a") }); // the same key under another name
	it.each<[string, () => Promise<unknown>]>([
		["another customer", () => vault.open(sealed, { ...owner, customerId: newId("cus", "00") })],
		["another card", () => vault.open(sealed, { ...owner, cardId: newId("crd", "00") })],
		["another key id, even of the same key", () => both.open({ ...sealed, kekId: "kek-2" }, owner)],
		["another customer, when it is wrapped anew", () => vault.rewrap(sealed, { ...owner, customerId: newId("cus", "00") })],
		["a key that is not here", () => vault.open({ ...sealed, kekId: "kek-0" }, owner)],
		["another key of the same id", () => vaultOf({ "kek-1": key("b") }).open(sealed, owner)],
		[
			"another card of the customer, with its data key",
			async () => {
				const other = { ...owner, cardId: newId("crd", "00") };
				return vault.open({ ...(await vault.seal(card, other)), sealedCard: sealed.sealedCard }, other);
			},
		],
	])("%s", async (_, open) => {
		expect(await told(open)).toMatch(/OperationError|the key-encryption key is not here/);
	});

	it.each(["cardId", "customerId"] as const)("another %s, even when its data key has been wrapped for that one", async (part) => {
		const other = { ...owner, [part]: newId(part === "cardId" ? "crd" : "cus", "00") };
		const kek = await crypto.subtle.importKey("raw", bytesOf(key("a")), "AES-GCM", false, ["encrypt", "decrypt"]);
		const aes = (iv: Uint8Array, { cardId, customerId }: typeof owner) => ({
			name: "AES-GCM",
			iv,
			additionalData: new TextEncoder().encode(`dek|v1|${cardId}|${customerId}|kek-1`),
		});
		const wrapped = bytesOf(sealed.wrappedKey);
		const dek = await crypto.subtle.decrypt(aes(wrapped.subarray(0, 12), owner), kek, wrapped.subarray(12));
		const iv = new Uint8Array(12);
		const moved = new Uint8Array([...iv, ...new Uint8Array(await crypto.subtle.encrypt(aes(iv, other), kek, dek))]);

		const answer = await told(() => vault.open({ ...sealed, wrappedKey: bytesToBase64Url(moved) }, other));

		expect(await vault.rewrap({ kekId: "kek-1", wrappedKey: bytesToBase64Url(moved) }, other)).toBeDefined(); // the key itself is good
		expect(answer).toMatch(/OperationError/);
	});

	it("itself with any one bit turned", async () => {
		for (const part of ["wrappedKey", "sealedCard"] as const) {
			const bytes = bytesOf(sealed[part]);
			const attempts = Array.from({ length: bytes.length * 8 }, (_, bit) => {
				const turned = bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
				return told(() => vault.open({ ...sealed, [part]: bytesToBase64Url(turned) }, owner));
			});
			for (const answer of await Promise.all(attempts)) expect(answer).toMatch(/OperationError/);
		}
	});

	it("itself cut short", async () => {
		for (const part of ["wrappedKey", "sealedCard"] as const) {
			for (const length of [0, 1, 11, 12, 27, 28]) {
				const cut = bytesToBase64Url(bytesOf(sealed[part]).subarray(0, length));
				expect(await told(() => vault.open({ ...sealed, [part]: cut }, owner))).toMatch(/Error/);
			}
		}
	});
});

describe("keys are replaced:", () => {
	const during = vaultOf({ "kek-2": key("b"), "kek-1": key("a") });
	const after = vaultOf({ "kek-2": key("b") });

	it("the first seals, every one opens, and no other is here", async () => {
		expect(during.kekId).toBe("kek-2");
		expect((await during.seal(card, owner)).kekId).toBe("kek-2");
		expect(await during.open(sealed, owner)).toEqual(card);
		expect(["kek-1", "kek-2", "kek-3", "toString"].map((id) => during.has(id))).toEqual([true, true, false, false]);
	});

	it("a card that is wrapped anew opens without the old key, and was not sealed again", async () => {
		const moved: SealedCard = { ...sealed, ...(await during.rewrap(sealed, owner)) };

		expect(moved.kekId).toBe("kek-2");
		expect(moved.sealedCard).toBe(sealed.sealedCard);
		expect(await after.open(moved, owner)).toEqual(card);
		expect(await told(() => after.open(sealed, owner))).toMatch(/not here/);
	});
});

it("a fingerprint is the same for the same number of the same customer under the same key, and for nothing else", async () => {
	const { customerId } = owner;
	const fingerprint = await vault.fingerprint(pan, customerId);
	const others = await Promise.all([
		vault.fingerprint("4111111111111129", customerId),
		vault.fingerprint(pan, newId("cus", "00")),
		vaultOf({ "kek-1": key("a") }, key("g")).fingerprint(pan, customerId),
		vault.fingerprint(pan.slice(1), `${customerId}4`), // where the one ends and the other begins
	]);

	expect(await vaultOf({ "kek-9": key("z") }).fingerprint(pan, customerId)).toBe(fingerprint);
	expect(new Set([fingerprint, ...others]).size).toBe(5);
	// what openssl dgst -sha256 -mac HMAC gives for "cus_1", a zero byte and the number
	expect(await vault.fingerprint(pan, "cus_1")).toBe("XKTFT2Sp3c-_CdT1akNVd0dE6IH1Eqv_VxY3lMV3mHI");
});

describe("without good keys it rejects, and tells nothing of them:", () => {
	const secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ";
	it.each([
		["none", ""],
		["no JSON", secret],
		["no object", JSON.stringify([secret])],
		["none in the object", "{}"],
		["too short a key", JSON.stringify({ "kek-1": secret })],
		["a key that is no text", JSON.stringify({ "kek-1": [secret] })],
		["an id of digits alone, which would not stay where it stands", `{"kek-1":"${key("a")}","202611":"${key("b")}"}`],
		["an id with a bar in it", JSON.stringify({ "kek|1": key("a") })],
	])("%s", async (_, keks) => {
		const bad = webCryptoVault(keks, secret); // the rest of billing works without

		const answers = await Promise.all([
			told(() => bad.kekId),
			told(() => bad.has("kek-1")),
			told(() => bad.seal(card, owner)),
			told(() => bad.open(sealed, owner)),
			told(() => bad.rewrap(sealed, owner)),
			told(() => bad.fingerprint(pan, owner.customerId)),
		]);

		for (const answer of answers) expect(answer).toMatch(/(VAULT_KEKS|FINGERPRINT_KEY) is not what it should be/);
		expect(answers.join(" ")).not.toMatch(/c2Vj|aaaa|bbbb|4111/);
	});
});

/** As another release might have sealed it. */
const sealedAs = (secret: object) => vault.seal(secret as CardSecret, owner);

it("a number that was sealed while there was no payment provider still opens", async () => {
	for (const name of ["Ada Example", null]) {
		const former = { pan, expMonth: 7, expYear: 2031, name };
		expect(await vault.open(await sealedAs(former), owner)).toEqual(former);
	}
});

it.each([
	["a token that is none", { ...card, token: 4111111111111111 }],
	["no token", { ...card, token: "" }],
	["a number beside its token", { ...card, pan, name: null }],
	["a number that is none", { pan: 4111111111111111, expMonth: 7, expYear: 2031, name: null }],
])("what was sealed and is no card tells nothing of what it is: %s", async (_, secret) => {
	const strange = await sealedAs(secret);

	const answer = await told(() => vault.open(strange, owner));

	expect(answer).toMatch(/a sealed card is not what it should be/);
	expect(answer).not.toMatch(/4111/);
});
