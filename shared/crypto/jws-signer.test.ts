import { expect, it } from "vitest";
import { publicKeys, signingKey } from "../testing/bindings.ts";
import { createJwsSigner } from "./jws-signer.ts";

const keys: Record<string, object[]> = JSON.parse(publicKeys);

it("what one Worker signs, another verifies as that Worker's", async () => {
	const [customer, sysops] = [
		createJwsSigner(signingKey("customer"), publicKeys),
		createJwsSigner(signingKey("sysops"), publicKeys),
	];
	const token = await customer.sign("payload", { audience: "sysops", issuedAt: 1 });
	expect(await sysops.verify(token)).toEqual({ source: "customer", audience: "sysops", issuedAt: 1, payload: "payload" });
});

it("two public keys of one name are refused: it would not be clear who has signed", () => {
	const twice = JSON.stringify({ customer: keys["customer"], sysops: keys["customer"] });
	expect(() => createJwsSigner(signingKey("customer"), twice)).toThrow("two public keys are called test-customer");
});

it("keys that are none are refused instead of believed", () => {
	expect(() => createJwsSigner("{}", publicKeys)).toThrow();
	expect(() => createJwsSigner(signingKey("customer"), '{"customer":[{"kty":"oct"}]}')).toThrow();
});
