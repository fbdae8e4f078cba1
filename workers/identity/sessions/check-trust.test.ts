import * as v from "valibot";
import { beforeEach, describe, expect, it } from "vitest";
import { SignedIn } from "../../../shared/identity.ts";
import { Authenticator } from "../../../shared/testing/authenticator.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { IdentityWorld, refused } from "../../../shared/testing/identity.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import * as worker from "../index.ts";

const email = "ada@example.com";
let world: IdentityWorld;
let ada: SignedIn;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
	ada = await world.signIn(email);
});

const check = ({ customerId, sessionId }: Pick<SignedIn, "customerId" | "sessionId">) =>
	world.call("checkTrust", { customerId, sessionId });

describe("a session is trusted with how somebody pays", () => {
	it("for less than 15 minutes after the sign-in, however often it is renewed, and nothing is written", async () => {
		world.pass(15 * minutes - 1);
		await world.call("refresh", { secret: ada.secret });
		const before = await contentsOf(world.database);

		expect(await check(ada)).toEqual({ done: true });
		world.pass(1);
		expect(await check(ada)).toEqual(refused("not_fresh"));

		expect(await contentsOf(world.database)).toEqual(before);
	});

	it("again after another sign-in, and only in that session", async () => {
		world.pass(hours);
		const again = await world.signIn(email);

		expect(await check(again)).toEqual({ done: true });
		expect(await check(ada)).toEqual(refused("not_fresh"));
	});

	it("not once it was ended, or is over", async () => {
		const other = await world.signIn(email);
		await world.call("endSessions", { secret: ada.secret, which: "this" });
		expect(await check(ada)).toEqual(refused("signed_out"));

		world.pass(7 * days);
		expect(await check(other)).toEqual(refused("signed_out"));
	});

	it("not for 24 hours after a recovery, however fresh it is", async () => {
		const passkey = await Authenticator.make();
		await world.registerPasskey(ada, passkey);
		expect(await check(await world.signIn(email))).toEqual(refused("held")); // by code, where there is a passkey

		world.pass(24 * hours - 1);
		const again = v.parse(SignedIn, await world.signInWithPasskey(passkey));
		expect(await check(again)).toEqual(refused("held"));
		world.pass(1);
		expect(await check(again)).toEqual({ done: true });
	});
});

describe("row 1: a session is known by its own customer only", () => {
	it("another customer's, and one that never was, are signed out", async () => {
		const eve = await world.signIn("eve@example.com");

		for (const one of [
			{ customerId: eve.customerId, sessionId: ada.sessionId },
			{ customerId: ada.customerId, sessionId: eve.sessionId },
			{ customerId: ada.customerId, sessionId: newId("ses", "00") },
			{ customerId: newId("cus", "00"), sessionId: newId("ses", "00") },
		]) {
			expect(await check(one)).toEqual(refused("signed_out"));
		}
	});

	it.each([["' or 1=1 --"], [""], [7], [null], [{}]])(
		"%j is no session and no customer: refused before anything is asked",
		async (wrong) => {
			const said = wrong as string; // as wrong as wanted
			await expect(check({ ...ada, sessionId: said })).rejects.toThrow("invalid_field");
			await expect(check({ ...ada, customerId: said })).rejects.toThrow("invalid_field");
		},
	);
});
