import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import { SignedIn } from "../../../shared/identity.ts";
import { Authenticator } from "../../../shared/testing/authenticator.ts";
import { IdentityWorld, refused, someBrowser } from "../../../shared/testing/identity.ts";
import { hours } from "../../../shared/time.ts";
import * as worker from "../index.ts";

const email = "ada@example.com";
let world: IdentityWorld;
let ada: SignedIn;
let passkey: Authenticator;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
	ada = await world.signIn(email);
	passkey = await Authenticator.make();
});

describe("a recovery, which is a sign-in by code where there is a passkey,", () => {
	it("ends all other sessions, holds changes for 24 hours, and tells the mailbox", async () => {
		await world.registerPasskey(ada, passkey);
		const other = v.parse(SignedIn, await world.signInWithPasskey(passkey));
		const recovered = await world.signIn(email);

		expect(new Set(recovered.ended)).toEqual(new Set([ada.sessionId, other.sessionId]));
		for (const { secret } of [ada, other]) expect(await world.call("refresh", { secret })).toEqual(refused("signed_out"));
		expect(await world.call("account", { secret: recovered.secret })).toMatchObject({ heldUntil: Date.now() + 24 * hours });
		expect(world.mailsTo(email).map(({ subject }) => subject)).toEqual(["Somebody signed in to your account with a code"]);
	});

	it("holds e-mail changes for 24 hours, which no passkey lifts", async () => {
		await world.registerPasskey(ada, passkey);
		await world.signIn(email);
		const signedIn = v.parse(SignedIn, await world.signInWithPasskey(passkey));
		const change = (secret: string) =>
			world.call("requestEmailChange", { secret, email: "new@example.com", browser: someBrowser });

		expect(signedIn.ended).toEqual([ada.sessionId]); // by the recovery
		expect(await change(signedIn.secret)).toEqual(refused("held"));
		world.pass(24 * hours);
		const { secret } = v.parse(SignedIn, await world.signInWithPasskey(passkey));
		expect(await change(secret)).toEqual({ done: true });
		expect(await world.call("account", { secret })).toMatchObject({ heldUntil: null });
	});

	it("puts off a change of the address that is waiting: nothing changes for 24 hours", async () => {
		await world.registerPasskey(ada, passkey);
		const change = { secret: ada.secret, email: "new@example.com", browser: someBrowser };
		await world.call("requestEmailChange", change);
		await world.call("confirmEmailChange", { ...change, code: world.codeTo("new@example.com") });
		world.pass(23 * hours);
		const { secret } = await world.signIn(email);
		const takesEffectAt = Date.now() + 24 * hours;

		expect(await world.call("account", { secret })).toMatchObject({ emailChange: { email: "new@example.com", takesEffectAt } });
		world.pass(24 * hours - 1);
		await world.cron();
		expect(await world.call("account", { secret })).toMatchObject({ email });
		world.pass(1);
		await world.cron();
		expect(await world.call("account", { secret })).toMatchObject({ email: "new@example.com", emailChange: null });
	});

	it("row 30: tells again which sessions have ended for an hour, at whatever sign-in, for the answer may have been lost", async () => {
		await world.registerPasskey(ada, passkey);
		const lost = await world.signIn(email);
		expect(lost.ended).toEqual([ada.sessionId]);
		world.pass(hours);

		const byPasskey = v.parse(SignedIn, await world.signInWithPasskey(passkey));
		expect(byPasskey.ended).toEqual([ada.sessionId]);
		world.pass(1);
		expect((await world.signIn(email)).ended).toEqual(expect.arrayContaining([lost.sessionId, byPasskey.sessionId]));
		expect((await world.signIn(email)).ended).not.toContain(ada.sessionId);
		const account = await world.call("account", { secret: (await world.signIn(email)).secret });
		expect(account).toMatchObject({ sessions: [{ current: true }] });
	});

	it("is none without a passkey, nor with one: nothing ends, nothing is held, nobody is told", async () => {
		const again = await world.signIn(email);
		expect(again.ended).toEqual([]);
		await world.registerPasskey(ada, passkey);
		const byPasskey = v.parse(SignedIn, await world.signInWithPasskey(passkey));

		expect(byPasskey.ended).toEqual([]);
		expect(world.mails).toEqual([]);
		expect(await world.call("account", { secret: ada.secret })).toMatchObject({ heldUntil: null });
	});

	it("ends nobody else's sessions", async () => {
		await world.registerPasskey(ada, passkey);
		const eve = await world.signIn("eve@example.com");
		await world.signIn(email);

		expect(await world.call("refresh", { secret: eve.secret })).toMatchObject({ customerId: eve.customerId });
	});
});
