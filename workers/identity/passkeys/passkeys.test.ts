import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import { Challenge, SignedIn } from "../../../shared/identity.ts";
import { Authenticator } from "../../../shared/testing/authenticator.ts";
import { IdentityWorld, origin, refused } from "../../../shared/testing/identity.ts";
import { hours, minutes } from "../../../shared/time.ts";
import * as worker from "../index.ts";

const email = "ada@example.com";
const done = { done: true };
let world: IdentityWorld;
let ada: SignedIn;
let passkey: Authenticator;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
	ada = await world.signIn(email);
	passkey = await Authenticator.make();
});

const registrationOptions = async ({ secret }: SignedIn) =>
	v.parse(Challenge, await world.call("passkeyRegistrationOptions", { secret }));
const signInOptions = async () => v.parse(Challenge, await world.call("passkeySignInOptions"));

const register = (who = ada, authenticator = passkey) => world.registerPasskey(who, authenticator);
const signIn = (authenticator = passkey, at = origin) => world.signInWithPasskey(authenticator, at);

describe("a passkey", () => {
	it("is registered, listed, and signs its customer in without an address", async () => {
		expect(await register()).toEqual(done);
		expect(await world.call("account", { secret: ada.secret })).toMatchObject({
			passkeys: [{ id: expect.any(String), name: "Ada's phone", createdAt: Date.now() }],
		});

		const signedIn = await signIn();

		expect(signedIn).toEqual({
			customerId: ada.customerId,
			sessionId: expect.stringMatching(/^ses_/),
			secret: expect.stringMatching(/^\w{32}$/),
			token: expect.any(String),
			email,
			ended: [],
		});
		expect(await signIn()).toMatchObject({ customerId: ada.customerId });
	});

	it("is asked for as one that needs no address, for this origin's host only", async () => {
		const { options } = await registrationOptions(ada);

		expect(options).toMatchObject({
			rp: { id: "customer.test", name: "Penultimate Electronics" },
			user: { name: email },
			authenticatorSelection: { residentKey: "required", userVerification: "preferred" },
			attestation: "none",
		});
		expect((await signInOptions()).options).toMatchObject({ rpId: "customer.test", userVerification: "preferred" });
		expect(JSON.stringify(options)).not.toContain(ada.customerId);
	});

	it("of a device that has one already is not made twice: the options exclude it", async () => {
		await register();

		expect((await registrationOptions(ada)).options["excludeCredentials"]).toHaveLength(1);
	});

	it("needs a fresh session to be asked for", async () => {
		world.pass(15 * minutes);
		expect(await world.call("passkeyRegistrationOptions", { secret: ada.secret })).toEqual(refused("not_fresh"));
		expect(await world.call("passkeyRegistrationOptions", { secret: "x".repeat(32) })).toEqual(refused("signed_out"));
	});

	it("is not made while changes are held after a recovery, nor by a challenge from before it", async () => {
		await register();
		const before = await registrationOptions(ada);
		const recovered = await world.signIn(email);
		const other = await Authenticator.make();
		const response = await other.create(before.options, origin);
		const { secret } = recovered;

		expect(await world.call("passkeyRegistrationOptions", { secret })).toEqual(refused("held"));
		const input = { secret, challenge: before.challenge, response, name: "Phone" };
		expect(await world.call("registerPasskey", input)).toEqual(refused("held"));

		world.pass(24 * hours);
		const later = v.parse(SignedIn, await signIn());
		expect(await register(later, other)).toEqual(done);
	});

	it("ends with its removal, which can be repeated", async () => {
		await register();
		const [{ id = "" } = {}] = await world.rows<{ id: string }>("select id from passkeys");

		for (let i = 0; i < 2; i++) {
			expect(await world.call("removePasskey", { secret: ada.secret, passkeyId: id })).toEqual(done);
		}

		expect(await signIn()).toEqual(refused("wrong_passkey"));
		expect(await world.call("removePasskey", { secret: "", passkeyId: id })).toEqual(refused("signed_out"));
	});

	it("is not removed by an old session: who then signs in by code would need no recovery", async () => {
		await register();
		world.pass(15 * minutes);
		const [{ id = "" } = {}] = await world.rows<{ id: string }>("select id from passkeys");

		expect(await world.call("removePasskey", { secret: ada.secret, passkeyId: id })).toEqual(refused("not_fresh"));
		const recovered = await world.signIn(email);
		expect(recovered.ended).toEqual([ada.sessionId]);
		expect(await world.call("removePasskey", { secret: recovered.secret, passkeyId: id })).toEqual(done);
	});

	it("row 1: of somebody else is not removed", async () => {
		await register();
		const eve = await world.signIn("eve@example.com");
		const [{ id = "" } = {}] = await world.rows<{ id: string }>("select id from passkeys");

		await world.call("removePasskey", { secret: eve.secret, passkeyId: id });

		expect(await signIn()).toMatchObject({ customerId: ada.customerId });
	});
});

describe("a registration is refused", () => {
	it("without a session", async () => {
		const { options, challenge } = await registrationOptions(ada);
		const response = await passkey.create(options, origin);
		const input = { secret: "x".repeat(32), challenge, response, name: "Phone" };
		expect(await world.call("registerPasskey", input)).toEqual(refused("signed_out"));
	});

	it("for a challenge that was made for somebody else, who gets no passkey either", async () => {
		const eve = await world.signIn("eve@example.com");
		const { options, challenge } = await registrationOptions(ada);
		const response = await passkey.create(options, origin);

		const input = { secret: eve.secret, challenge, response, name: "Phone" };
		expect(await world.call("registerPasskey", input)).toEqual(refused("wrong_passkey"));
		expect(await world.rows("select * from passkeys")).toEqual([]);
	});

	it("when its challenge is used already", async () => {
		const { options, challenge } = await registrationOptions(ada);
		const first = { secret: ada.secret, challenge, response: await passkey.create(options, origin), name: "Phone" };
		const other = await Authenticator.make();
		const second = { ...first, response: await other.create(options, origin) };

		expect(await world.call("registerPasskey", first)).toEqual(done);
		expect(await world.call("registerPasskey", second)).toEqual(refused("wrong_passkey"));
	});

	it("when its challenge is for signing in", async () => {
		const { options } = await registrationOptions(ada);
		const { challenge } = await signInOptions();
		const response = await passkey.create(options, origin);

		const input = { secret: ada.secret, challenge, response, name: "Phone" };
		expect(await world.call("registerPasskey", input)).toEqual(refused("wrong_passkey"));
	});

	it("from another origin", async () => {
		const { options, challenge } = await registrationOptions(ada);
		const response = await passkey.create(options, "https://customer.test.evil.example");

		const input = { secret: ada.secret, challenge, response, name: "Phone" };
		expect(await world.call("registerPasskey", input)).toEqual(refused("wrong_passkey"));
	});

	it("when somebody has this passkey already", async () => {
		await register();
		const eve = await world.signIn("eve@example.com");

		expect(await register(eve)).toEqual(refused("wrong_passkey"));
		expect(await signIn()).toMatchObject({ customerId: ada.customerId });
	});
});

describe("a sign-in is refused", () => {
	it("with a passkey that nobody has registered", async () => {
		expect(await signIn()).toEqual(refused("wrong_passkey"));
	});

	it("with another key under the id of a registered one", async () => {
		await register();
		const other = await Authenticator.make();
		const { options, challenge } = await signInOptions();
		const { id } = await passkey.get(options, origin);

		const response = { ...(await other.get(options, origin)), id, rawId: id };
		expect(await world.call("signInWithPasskey", { challenge, response, userAgent: "" })).toEqual(refused("wrong_passkey"));
	});

	it("from another origin", async () => {
		await register();
		expect(await signIn(passkey, "https://customer.test.evil.example")).toEqual(refused("wrong_passkey"));
	});

	it("when its challenge is used, replaced, too old or not ours", async () => {
		await register();
		const { options, challenge } = await signInOptions();
		const response = await passkey.get(options, origin);
		const other = await signInOptions();
		const forged = challenge.replace(/^./, (first) => (first === "a" ? "b" : "a"));

		for (const wrong of [other.challenge, forged, "", "a; session_token=b"]) {
			expect(await world.call("signInWithPasskey", { challenge: wrong, response, userAgent: "" })).toEqual(
				refused("wrong_passkey"),
			);
		}
		expect(await world.call("signInWithPasskey", { challenge, response, userAgent: "" })).toMatchObject({ email });
		expect(await world.call("signInWithPasskey", { challenge, response, userAgent: "" })).toEqual(refused("wrong_passkey"));

		const late = await signInOptions();
		const lateResponse = await passkey.get(late.options, origin);
		world.pass(5 * minutes + 1);
		const input = { challenge: late.challenge, response: lateResponse, userAgent: "" };
		expect(await world.call("signInWithPasskey", input)).toEqual(refused("wrong_passkey"));
	});

	it("when its counter has gone back: the passkey may have been copied", async () => {
		await register();
		passkey.counter = 10;
		await signIn();
		passkey.counter = 5;

		expect(await signIn()).toEqual(refused("wrong_passkey"));
	});

	it.each([
		null,
		undefined,
		"x",
		1,
		[],
		{},
		{ id: 1 },
		{ id: "a".repeat(5000) },
		{ id: "a", rawId: "a", type: "public-key", response: {} },
	])("when the answer is %j", async (response) => {
		await register();
		const { challenge } = await signInOptions();

		expect(await world.call("signInWithPasskey", { challenge, response, userAgent: "" })).toEqual(refused("wrong_passkey"));
		const input = { secret: ada.secret, challenge, response, name: "Phone" };
		expect(await world.call("registerPasskey", input)).toEqual(refused("wrong_passkey"));
	});
});

it("row 31: a passkey's sign-in has a new session every time", async () => {
	await register();
	const [first, second] = [await signIn(), await signIn()] as SignedIn[];

	expect(new Set([ada.secret, first?.secret, second?.secret]).size).toBe(3);
	expect(new Set([ada.sessionId, first?.sessionId, second?.sessionId]).size).toBe(3);
});
