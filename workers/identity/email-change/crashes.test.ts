import { beforeEach, describe, expect, it, vi } from "vitest";
import { Authenticator } from "../../../shared/testing/authenticator.ts";
import { IdentityWorld, someBrowser } from "../../../shared/testing/identity.ts";
import { days, minutes } from "../../../shared/time.ts";
import * as worker from "../index.ts";

const oldEmail = "ada@example.com";
const newEmail = "ada@new.example";
let world: IdentityWorld;
let customerId: string;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
	const ada = await world.signIn(oldEmail);
	customerId = ada.customerId;
	const { secret } = ada;
	await world.call("requestEmailChange", { secret, email: newEmail, browser: someBrowser });
	const code = world.codeTo(newEmail);
	await world.call("confirmEmailChange", { secret, email: newEmail, code, browser: someBrowser });
	world.mailsTo(oldEmail);
	world.pass(days);
});

const addresses = () => world.rows("select email from users");

describe("a Cron run that dies after any of its calls", () => {
	it.each([1, 2, 3, 4, 5, 6])(
		"number %i of the database: the next runs finish what it began, and nothing is done differently",
		async (call) => {
			loseAnswer(call);
			for (let i = 0; i < 5; i++) {
				await world.cron();
				world.pass(3 * minutes);
			}

			expect(await addresses()).toEqual([{ email: newEmail }]);
			expect(new Set(world.changes.map((change) => JSON.stringify(change))).size).toBe(1);
			expect(world.changes[0]).toMatchObject({ customerId, email: newEmail });
			const mails = world.mailsTo(oldEmail).map(({ subject }) => subject);
			expect(new Set(mails)).toEqual(new Set(["The e-mail address of your account has changed"]));
			expect(mails.length).toBeLessThanOrEqual(2);
		},
	);
});

it("a recovery while a Cron run has just taken the change up still puts it off", async () => {
	const passkey = await Authenticator.make();
	await world.registerPasskey(await world.signIn(oldEmail), passkey);
	const code = await world.codeFor(oldEmail);
	const input = { email: oldEmail, code, browser: someBrowser, userAgent: "" };
	const { batch } = world.database;
	let recovered: unknown;
	vi.spyOn(world.database, "batch").mockImplementationOnce(async (statements) => {
		recovered = await world.call("signInWithCode", input);
		return batch(statements);
	});

	await world.cron();
	expect(recovered).toMatchObject({ customerId });

	expect(await addresses()).toEqual([{ email: oldEmail }]);
	expect(world.changes).toEqual([]);
	world.pass(days);
	await world.cron();
	expect(await addresses()).toEqual([{ email: newEmail }]);
});

/** That call commits, and its answer is lost. */
function loseAnswer(call: number): void {
	let calls = 0;
	Object.defineProperty(world.database, "calls", {
		get: () => calls,
		set(now: number) {
			calls = now;
			if (calls === call) world.database.answersToLose = 1;
		},
	});
}

it("a notice that is not taken comes again, ever later, and once it is taken no more", async () => {
	world.mailDown = true;
	await world.cron();
	expect(await addresses()).toEqual([{ email: newEmail }]);
	const runs = async (count: number) => {
		for (let i = 0; i < count; i++) {
			world.pass(5 * minutes);
			await world.cron();
		}
	};
	await runs(12);
	world.mailDown = false;
	await runs(24);

	expect(world.mailsTo(oldEmail).map(({ subject }) => subject)).toEqual(["The e-mail address of your account has changed"]);
	expect(world.logged.filter((line) => line.includes("notice_failed")).length).toBeLessThan(10);
	expect(world.logged.join()).not.toContain(oldEmail);
});

it("a change that the customer Worker does not take holds up no other of the same run", async () => {
	const grace = await world.signIn("grace@example.com");
	const input = { secret: grace.secret, email: "grace@new.example", browser: someBrowser };
	await world.call("requestEmailChange", input);
	await world.call("confirmEmailChange", { ...input, code: world.codeTo(input.email) });
	world.pass(days);
	world.customersDown = true;
	await world.cron();

	expect(world.changes.map(({ email }) => email).sort()).toEqual([newEmail, "grace@new.example"].sort());
});
