import { beforeEach, describe, expect, it } from "vitest";
import type { SignedIn } from "../../../shared/identity.ts";
import { IdentityWorld, otherBrowser, refused, someBrowser } from "../../../shared/testing/identity.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
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

async function given(who = ada, email = newEmail): Promise<void> {
	expect(await request(email, who)).toEqual(done);
	expect(await confirm(world.codeTo(email), email, who)).toEqual(done);
}

describe("a change of the e-mail address", () => {
	it("is confirmed with the code at the new address, announced to the old one, and takes effect after 24 hours", async () => {
		await given();
		const takesEffectAt = Date.now() + days;
		expect(subjectsTo(oldEmail)).toEqual(["The e-mail address of your account is about to change"]);
		expect(await account()).toMatchObject({ email: oldEmail, emailChange: { email: newEmail, takesEffectAt } });

		world.pass(days - 1);
		await world.cron();
		expect(world.changes).toEqual([]);
		expect(await account()).toMatchObject({ email: oldEmail });

		world.pass(1);
		await world.cron();
		expect(await account()).toMatchObject({ email: newEmail, emailChange: null });
		expect(world.changes).toEqual([{ customerId: ada.customerId, email: newEmail, changedAt: takesEffectAt }]);
		expect(subjectsTo(oldEmail)).toEqual(["The e-mail address of your account has changed"]);
	});

	it("keeps the customer and their sessions; from then on the new address signs in", async () => {
		await given();
		world.pass(days);
		await world.cron();

		expect((await world.signIn(newEmail)).customerId).toBe(ada.customerId);
		expect((await world.signIn(oldEmail)).customerId).not.toBe(ada.customerId);
		expect(await world.call("refresh", { secret: ada.secret })).toMatchObject({ customerId: ada.customerId });
	});

	it("is done once, however often the Cron Trigger runs", async () => {
		await given();
		world.pass(days);
		for (let i = 0; i < 3; i++) {
			await Promise.all([world.cron(), world.cron()]);
			world.pass(hours);
		}

		expect(world.changes).toHaveLength(1);
		expect(subjectsTo(oldEmail)).toHaveLength(2);
	});

	it("is told to the customer Worker again and again, ever later, until it has answered: always the same", async () => {
		await given();
		world.pass(days);
		world.customersDown = true;
		for (let i = 0; i < 40; i++) {
			await world.cron();
			world.pass(3 * minutes);
		}
		expect(world.changes.length).toBeGreaterThan(4);
		expect(world.changes.length).toBeLessThan(10);
		expect(await account()).toMatchObject({ email: newEmail });

		world.customersDown = false;
		for (let i = 0; i < 3; i++) {
			world.pass(6 * hours);
			await world.cron();
		}
		const [first] = world.changes;
		expect(new Set(world.changes.map((change) => JSON.stringify(change)))).toEqual(new Set([JSON.stringify(first)]));
		const told = world.changes.length;
		world.pass(days);
		await world.cron();
		expect(world.changes).toHaveLength(told);
		expect(subjectsTo(oldEmail)).toHaveLength(2);
	});

	it("can be called off during the hold, also twice", async () => {
		await given();
		expect(await cancel()).toEqual(done);
		expect(await cancel()).toEqual(done);
		expect(await account()).toMatchObject({ emailChange: null });

		world.pass(days);
		await world.cron();
		expect(await account()).toMatchObject({ email: oldEmail });
		expect(world.changes).toEqual([]);
	});

	it("can be called off by whoever signs in at the old address", async () => {
		await given();
		await cancel(await world.signIn(oldEmail));
		world.pass(days);
		await world.cron();

		expect(await account()).toMatchObject({ email: oldEmail });
	});

	it("takes the place of one that is held", async () => {
		await given();
		world.pass(10 * minutes);
		await given(ada, "ada@newest.example");
		world.pass(days);
		await world.cron();

		expect(world.changes.map(({ email }) => email)).toEqual(["ada@newest.example"]);
		expect(await account()).toMatchObject({ email: "ada@newest.example" });
	});

	it("leaves alone what another customer changes", async () => {
		const eve = await world.signIn("eve@example.com");
		await given();
		await given(eve, "eve@new.example");
		await cancel(eve);
		world.pass(days);
		await world.cron();

		expect(world.changes.map(({ customerId }) => customerId)).toEqual([ada.customerId]);
		expect(await account(eve)).toMatchObject({ email: "eve@example.com" });
	});
});

describe("an address that somebody has", () => {
	beforeEach(async () => {
		await world.signIn(newEmail);
	});

	it("row 29: is asked for with the same answer; nobody gets a code that works, and the owner is told", async () => {
		expect(await request()).toEqual(done);
		const [mail] = world.mailsTo(newEmail);
		expect(mail?.subject).toBe("You have an account with this address already");
		expect(mail?.text).not.toMatch(/[0-9A-Z]{4}-[0-9A-Z]{4}/);

		for (const code of ["0000-0000", "ZZZZ-ZZZZ"]) expect(await confirm(code)).toEqual(refused("wrong_code"));
		expect(world.mails).toEqual([]);
	});

	it("row 29: costs the same until the answer", async () => {
		const beforeAnswer = async (email: string) => {
			const before = world.database.calls;
			const execution = { waitUntil() {}, passThroughOnException() {}, props: {} } as unknown as ExecutionContext;
			const identity = new worker.Identity(execution, world.env);
			expect(await identity.requestEmailChange({ secret: ada.secret, email, browser: someBrowser })).toEqual(done);
			return world.database.calls - before;
		};
		world.mailDown = true; // what goes on after the answer is not awaited here

		const ofKnown = await beforeAnswer(newEmail);

		expect(await beforeAnswer("free@example.com")).toBe(ofKnown);
		expect(ofKnown).toBe(5);
	});

	it("counts against that address's budget", async () => {
		for (let i = 0; i < 4; i++) await request();
		expect(await request()).toEqual(refused("too_many_codes"));
	});
});

it("an address that somebody has got by the end of the hold stays theirs: the change is dropped, and the old address told", async () => {
	await given();
	subjectsTo(oldEmail);
	const other = await world.signIn(newEmail);
	world.pass(days);
	for (let i = 0; i < 2; i++) await world.cron();

	expect(await account()).toMatchObject({ email: oldEmail, emailChange: null });
	expect(await account(other)).toMatchObject({ email: newEmail });
	expect(world.changes).toEqual([]);
	expect(subjectsTo(oldEmail)).toEqual(["The e-mail address of your account stays as it is"]);
});

it("an address that somebody has got since the code was mailed cannot be confirmed", async () => {
	await request();
	const code = world.codeTo(newEmail);
	await world.signIn(newEmail);

	expect(await confirm(code)).toEqual(refused("wrong_code"));
});

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
