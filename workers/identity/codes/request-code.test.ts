import { env as bindings } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { costsOf } from "../../../shared/testing/counting.ts";
import { IdentityWorld, otherBrowser, refused, someBrowser } from "../../../shared/testing/identity.ts";
import { hours, minutes } from "../../../shared/time.ts";
import * as worker from "../index.ts";

const email = "ada@example.com";
let world: IdentityWorld;
beforeEach(async () => {
	world = await IdentityWorld.start(worker);
});

const ask = (address = email, browser = someBrowser) => world.call("requestCode", { email: address, browser });
const done = { done: true };
const tooMany = refused("too_many_codes");

describe("the mail with a code", () => {
	it("says how long and where it is good, in text and HTML alike, and has the code in its body only", async () => {
		await ask();

		const [mail] = world.mails;
		const code = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/.exec(mail?.text ?? "")?.[0] ?? "no code";
		expect(mail?.to).toBe(email);
		expect(mail?.subject).toBe("Your code to sign in");
		for (const body of [mail?.text, mail?.html]) {
			expect(body).toContain(code);
			expect(body).toMatch(/10 minutes, and only in the browser that asked/);
			expect(body).toMatch(/None of us will ever ask you for this code/);
		}
	});

	it("that is not taken changes nothing of the answer; an alarm says so, and not to whom", async () => {
		world.mailDown = true;

		expect(await ask()).toEqual(done);

		expect(world.logged.join()).toContain("mail_failed");
		expect(world.logged.join()).not.toContain(email);
	});
});

describe("an address's budget", () => {
	it("is five codes an hour, whoever asks", async () => {
		for (let i = 0; i < 5; i++) expect(await ask(email, i % 2 ? someBrowser : otherBrowser)).toEqual(done);
		expect(await ask()).toEqual(tooMany);
		expect(world.mails).toHaveLength(5);

		world.pass(hours - 1);
		expect(await ask()).toEqual(tooMany);
		world.pass(1);
		expect(await ask()).toEqual(done);
	});

	it("is ten codes a day", async () => {
		for (let i = 0; i < 10; i++) {
			expect(await ask()).toEqual(done);
			world.pass(13 * minutes);
		}
		world.pass(2 * hours);
		expect(await ask()).toEqual(tooMany);
		world.pass(22 * hours);
		expect(await ask()).toEqual(done);
	});

	it("holds when forty ask at the same time", async () => {
		const answers = await Promise.all(Array.from({ length: 40 }, () => ask()));

		expect(answers.filter((answer) => JSON.stringify(answer) === JSON.stringify(done))).toHaveLength(5);
		expect(world.mails).toHaveLength(5);
	});

	it("is the address's however it is written", async () => {
		for (const address of [email, "ADA@example.com", "Ada@Example.Com", " ada@example.com ", "ada@EXAMPLE.com"])
			await ask(address);

		expect(await ask("aDa@example.com")).toEqual(tooMany);
		expect(await ask("other@example.com")).toEqual(done);
	});

	it("that is spent leaves the last code good", async () => {
		let code = "";
		for (let i = 0; i < 5; i++) code = await world.codeFor(email);
		expect(await ask()).toEqual(tooMany);

		expect(await world.call("signInWithCode", { email, code, browser: someBrowser, userAgent: "" })).toMatchObject({ email });
	});
});

it("row 29: a known and an unknown address have the same answer, and cost the same", async () => {
	const known = "known@example.com";
	await world.signIn(known);
	world.pass(2 * hours);
	const measured = async (address: string) => {
		const asked = { answers: [] as unknown[], costs: [] as unknown[] };
		for (let i = 0; i < 6; i++) {
			const { rowsRead: _, ...costs } = await costsOf(
				{ ...world.env, IDENTITY_DB: bindings.IDENTITY_DB },
				async (env, execution) => {
					asked.answers.push(await new worker.Identity(execution, env).requestCode({ email: address, browser: someBrowser }));
				},
			);
			asked.costs.push(costs);
		}
		return asked;
	};

	const ofKnown = await measured(known);
	const ofUnknown = await measured("unknown@example.com");

	expect(ofUnknown).toEqual(ofKnown);
	expect(ofKnown.answers).toEqual([done, done, done, done, done, tooMany]);
	expect(ofKnown.costs[0]).toMatchObject({ d1Calls: 2, statements: 3 });
	const subjects = (address: string) => world.mailsTo(address).map(({ subject }) => subject);
	expect(subjects("unknown@example.com")).toEqual(subjects(known));
});

it.each([
	"ada@example.com\r\nBcc: eve@example.com",
	"ada@example.com\nbcc:eve@example.com",
	"ada@exam\0ple.com",
	"ada\r@example.com",
	'"ada eve"@example.com',
	"ada@example.com, eve@example.com",
	"Ada <ada@example.com>",
	"ada\u200b@example.com",
	"ada@localhost",
	"ada",
	"@example.com",
	"",
	`${"a".repeat(65)}@example.com`,
	`ada@${"a.".repeat(160)}com`,
	`${"ä".repeat(64)}@${`${"ü".repeat(60)}.`.repeat(2)}com`,
])("row 13: %j is no address, and nothing is mailed or stored", async (address) => {
	await expect(ask(address)).rejects.toThrow("invalid_field");

	expect(world.mails).toEqual([]);
	expect(await world.rows("select * from code_sends")).toEqual([]);
});

it.each(["jürgen@müller.example", "o'hara+support@mail.example.co.uk", "x@例え.テスト"])("%s is an address", async (address) => {
	expect(await ask(address)).toEqual(done);
	expect(world.mails.map(({ to }) => to)).toEqual([address]);
});

it("row 23: an address in two Unicode forms is one", async () => {
	const { customerId } = await world.signIn("jürgen@example.com".normalize("NFC"));
	expect(await world.call("requestCode", { email: "jürgen@example.com".normalize("NFD"), browser: someBrowser })).toEqual(done);
	const code = world.codeTo("jürgen@example.com".normalize("NFC"));

	const input = { email: "jürgen@example.com".normalize("NFD"), code, browser: someBrowser, userAgent: "" };
	expect(await world.call("signInWithCode", input)).toMatchObject({ customerId });
});
