import { compactDecrypt, compactVerify, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { createJwsSigner } from "../../shared/crypto/jws-signer.ts";
import { joseCardKeys } from "../../workers/billing/cards/jose-card-keys.ts";
import { kinds } from "./kinds.ts";
import { agreement, edKey, encrypted, signed, unsecured } from "./vectors.ts";

describe("the published tokens are what their RFCs say, by jose:", () => {
	it.each(signed)("$name ($alg) is signed by its key", async ({ token, key, alg }) => {
		const { protectedHeader } = await compactVerify(token, await importJWK(key, alg), { algorithms: [alg] });

		expect(protectedHeader.alg).toBe(alg);
	});

	it.each(encrypted)("$name ($alg) opens by its key", async ({ token, key, alg, plaintext }) => {
		const opened = await compactDecrypt(token, await importJWK(key, alg));

		expect(new TextDecoder().decode(opened.plaintext)).toBe(plaintext);
	});
});

const tokens = [...signed, ...encrypted, { name: "RFC 7515 A.5", token: unsecured }].map(({ name, token }) => ({ name, token }));

describe.each(kinds)("what is no $name of ours is refused:", ({ read }) => {
	it.each(tokens)("$name", async ({ token }) => {
		expect(await read(token)).toBeUndefined();
	});
});

describe("even by those who know the key of it, for its algorithm is another one:", () => {
	const { d: _, ...edPublic } = edKey;
	const signer = createJwsSigner(
		JSON.stringify({ ...edKey, kid: "rfc" }),
		JSON.stringify({ customer: [{ ...edPublic, kid: "rfc" }] }),
	);

	it("RFC 8037 A.4 is of EdDSA, the older name, and says nothing of whom it is for", async () => {
		expect(await signer.verify(signed[4].token)).toEqual({ failure: "malformed" });
	});

	it("what its key signs our way is believed, and is true by jose under the key of the RFC", async () => {
		const token = await signer.sign("Example of Ed25519 signing", { audience: "billing", issuedAt: 1 });

		expect(await signer.verify(token)).toMatchObject({ source: "customer", payload: "Example of Ed25519 signing" });
		const key = await importJWK(edPublic, "Ed25519");
		expect(new TextDecoder().decode((await compactVerify(token, key, { algorithms: ["Ed25519"] })).payload)).toMatch(/^Example/);
	});

	it("the key of RFC 7518 appendix C is good for cards, and opens no other kind of token", async () => {
		const keys = joseCardKeys(JSON.stringify([{ ...agreement.bob, kid: "bob" }]));

		for (const { token } of tokens) expect(await keys.open(token)).toEqual({ failure: "schema" });
	});
});

it("RFC 8037 A.4: the key as we import it gives and takes the signature of the RFC", async () => {
	const [header, payload, signature = ""] = signed[4].token.split(".");
	const input = new TextEncoder().encode(`${header}.${payload}`);
	const algorithm = { name: "Ed25519" };
	const [ours, theirs] = await Promise.all([
		importJWK({ ...edKey, alg: "Ed25519" }),
		importJWK({ ...signed[4].key, alg: "Ed25519" }),
	]);
	if (ours instanceof Uint8Array || theirs instanceof Uint8Array) throw new Error("an asymmetric key is no bytes");

	const made = await crypto.subtle.sign(algorithm, ours, input);

	expect(Buffer.from(made).toString("base64url")).toBe(signature);
	expect(await crypto.subtle.verify(algorithm, theirs, Buffer.from(signature, "base64url"), input)).toBe(true);
});
