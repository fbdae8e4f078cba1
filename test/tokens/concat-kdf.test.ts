import { createECDH } from "node:crypto";
import { expect, it } from "vitest";
import { concatKdf, sealCard } from "../../shared/ui/browser/card.ts";
import { joseCardKeys } from "../../workers/billing/cards/jose-card-keys.ts";
import { agreement } from "./vectors.ts";

const { alice, bob, derived } = agreement;
const bytes = (text: string) => Buffer.from(text, "base64url");

it("RFC 7518 appendix C: what Alice and Bob share becomes the key of the RFC, by the browser's derivation", async () => {
	const pair = createECDH("prime256v1");
	pair.setPrivateKey(bytes(alice.d));
	const secret = pair.computeSecret(Buffer.concat([Buffer.of(4), bytes(bob.x), bytes(bob.y)]));

	const key = await concatKdf(secret, "A128GCM", 128, Buffer.from("Alice"), Buffer.from("Bob"));

	expect(Buffer.from(key).toString("base64url")).toBe(derived);
});

it("what the browser seals for Bob, Bob's key opens at billing", async () => {
	const { kty, crv, x, y } = bob;
	const [cardId, customerId] = ["crd_00", "cus_00"];
	const intent = { cardId, customerId, nonce: "n", expiresAt: "2031-01-01T00:00:00Z", key: { kid: "bob", kty, crv, x, y } };

	const token = await sealCard({ pan: "4242424242424242", expMonth: 1, expYear: 2031 }, intent);

	expect(await joseCardKeys(JSON.stringify([{ ...bob, kid: "bob" }])).open(token)).toMatchObject({
		header: { sub: customerId, cid: cardId },
		payload: { pan: "4242424242424242" },
		retiredAt: null,
	});
});
