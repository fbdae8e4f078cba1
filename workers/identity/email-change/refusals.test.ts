import { beforeEach, describe, expect, it } from "vitest";
import type { SignedIn } from "../../../shared/identity.ts";
import { IdentityWorld, otherBrowser, refused, someBrowser } from "../../../shared/testing/identity.ts";
import { minutes } from "../../../shared/time.ts";
import * as worker from "../index.ts";

const oldEmail = "ada@example.com";
const newEmail = "ada@new.example";
const done = { done: true };
let world: IdentityWorld;
let ada: SignedIn;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
	ada = await world.signIn(oldEmail);
});

const request = (email = newEmail, { secret } = ada, browser = someBrowser) =>
	world.call("requestEmailChange", { secret, email, browser });
const confirm = (code: string, email = newEmail, { secret } = ada, browser = someBrowser) =>
	world.call("confirmEmailChange", { secret, email, code, browser });
const cancel = ({ secret } = ada) => world.call("cancelEmailChange", { secret });
const account = ({ secret } = ada) => world.call("account", { secret });
const subjectsTo = (email: string) => world.mailsTo(email).map(({ subject }) => subject);

describe("asking for a change, or confirming it, is refused", () => {
	it("when signed out", async () => {
		const nobody = { ...ada, secret: "x".repeat(32) };
		expect(await request(newEmail, nobody)).toEqual(refused("signed_out"));
		expect(await confirm("0000-0000", newEmail, nobody)).toEqual(refused("signed_out"));
		expect(await cancel(nobody)).toEqual(refused("signed_out"));
	});

	it("15 minutes after the sign-in", async () => {
		await request();
		const code = world.codeTo(newEmail);
		world.pass(15 * minutes);
		expect(await request()).toEqual(refused("not_fresh"));
		expect(await confirm(code)).toEqual(refused("not_fresh"));
	});

	it("when the budget of the new address is spent", async () => {
		for (let i = 0; i < 5; i++) expect(await request()).toEqual(done);
		expect(await request()).toEqual(refused("too_many_codes"));
	});
});

describe("the code of a change", () => {
	it.each<[string, (code: string) => Promise<unknown>]>([
		["another code", (code) => confirm(code.replace(/.$/, (last) => (last === "7" ? "8" : "7")))],
		["no code", () => confirm("")],
		["the right one in another browser", (code) => confirm(code, newEmail, ada, otherBrowser)],
		["the right one for another address", (code) => confirm(code, "free@example.com")],
		[
			"the right one after ten minutes",
			async (code) => {
				world.pass(10 * minutes + 1);
				return confirm(code);
			},
		],
		["the right one of another customer", async (code) => confirm(code, newEmail, await world.signIn("eve@example.com"))],
		[
			"the right one, to sign in",
			(code) => world.call("signInWithCode", { email: newEmail, code, browser: someBrowser, userAgent: "" }),
		],
	])("is not %s", async (_, attempt) => {
		await request();
		expect(await attempt(world.codeTo(newEmail))).toEqual(refused("wrong_code"));
		expect(await account()).toMatchObject({ emailChange: null });
	});

	it("is good once, also when it comes ten times at the same time", async () => {
		await request();
		const code = world.codeTo(newEmail);
		const answers = await Promise.all(Array.from({ length: 10 }, () => confirm(code)));

		expect(answers.filter((answer) => JSON.stringify(answer) === JSON.stringify(done))).toHaveLength(1);
		expect(await confirm(code)).toEqual(refused("wrong_code"));
		expect(subjectsTo(oldEmail)).toHaveLength(1);
	});

	it("is not one to sign in", async () => {
		expect(await confirm(await world.codeFor(newEmail))).toEqual(refused("wrong_code"));
	});

	it("is gone after three attempts", async () => {
		await request();
		const code = world.codeTo(newEmail);
		for (let i = 0; i < 3; i++) await confirm("0000-0000");

		expect(await confirm(code)).toEqual(refused("wrong_code"));
	});
});
