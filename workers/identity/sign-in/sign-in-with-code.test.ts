import { beforeEach, describe, expect, it } from "vitest";
import { verifySession } from "../../../shared/crypto/session-token.ts";
import { sessionKey } from "../../../shared/testing/bindings.ts";
import { IdentityWorld, otherBrowser, refused, someBrowser } from "../../../shared/testing/identity.ts";
import { minutes } from "../../../shared/time.ts";
import * as worker from "../index.ts";

const email = "ada@example.com";
let world: IdentityWorld;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
});

const signIn = (code: string, browser = someBrowser, address = email) =>
	world.call("signInWithCode", { email: address, code, browser, userAgent: "Test browser" });

describe("signing in with a code", () => {
	it("makes a customer of whoever is new, with a session token that the customer Worker takes", async () => {
		const signedIn = await world.signIn(email);

		expect(signedIn).toEqual({
			customerId: expect.stringMatching(/^cus_0[01][0-7][0-9a-hjkmnp-tv-z]{25}$/),
			sessionId: expect.stringMatching(/^ses_0[01][0-7][0-9a-hjkmnp-tv-z]{25}$/),
			secret: expect.stringMatching(/^\w{32}$/),
			token: expect.any(String),
			email,
			ended: [],
		});
		const keys = JSON.stringify({ [sessionKey.kid]: sessionKey.secret });
		const { customerId, sessionId } = signedIn;
		expect(await verifySession(signedIn.token, keys, Date.now())).toEqual({ customerId, sessionId });
		expect(sessionId.slice(4, 6)).toBe(customerId.slice(4, 6));
	});
});
