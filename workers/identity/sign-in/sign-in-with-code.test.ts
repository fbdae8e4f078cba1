import { beforeEach, describe, expect, it } from "vitest";
import { verifySession } from "../../../shared/crypto/session-token.ts";
import { sessionKey } from "../../../shared/testing/bindings.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
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
const isSignedIn = expect.objectContaining({ customerId: expect.any(String), email });
const otherThan = (code: string) => code.replace(/.$/, (last) => (last === "7" ? "8" : "7"));

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

	it("finds the same customer again, however the address is written", async () => {
		const { customerId } = await world.signIn(email);
		await world.call("requestCode", { email: "Ada@Example.com", browser: someBrowser });

		expect(await signIn(world.codeTo(email), someBrowser, " ADA@example.COM ")).toMatchObject({ customerId, email });
		expect(await world.rows("select id from users")).toEqual([{ id: customerId }]);
	});

	it.each<[string, (code: string) => string]>([
		["in lower case", (code) => code.toLowerCase()],
		["without its dash", (code) => code.replace("-", "")],
		["with spaces around and in it", (code) => ` ${code.split("").join(" ")}\t`],
		["with letters that look like its digits", (code) => code.replaceAll("0", "O").replaceAll("1", "l")],
	])("takes the code %s", async (_, typed) => {
		expect(await signIn(typed(await world.codeFor(email)))).toEqual(isSignedIn);
	});

	it("takes a code once", async () => {
		const code = await world.codeFor(email);
		await signIn(code);

		expect(await signIn(code)).toEqual(refused("wrong_code"));
	});

	it("takes a code once of ten that are sent at the same time", async () => {
		const code = await world.codeFor(email);

		const answers = await Promise.all(Array.from({ length: 10 }, () => signIn(code)));

		expect(answers.filter((answer) => JSON.stringify(answer) !== JSON.stringify(refused("wrong_code")))).toEqual([isSignedIn]);
		expect(await world.rows("select count(*) as n from sessions")).toEqual([{ n: 1 }]);
	});

	it("takes a code for ten minutes", async () => {
		const first = await world.codeFor(email);
		world.pass(10 * minutes - 1);
		expect(await signIn(first)).toEqual(isSignedIn);

		const second = await world.codeFor(email);
		world.pass(10 * minutes + 1);
		expect(await signIn(second)).toEqual(refused("wrong_code"));
	});

	it("takes the right code as the third attempt and not as the fourth", async () => {
		for (const [wrong, answer] of [
			[2, isSignedIn],
			[3, refused("wrong_code")],
		] as const) {
			const code = await world.codeFor(email);
			for (let i = 0; i < wrong; i++) expect(await signIn(otherThan(code))).toEqual(refused("wrong_code"));
			expect(await signIn(code)).toEqual(answer);
		}
	});

	it("allows no more than three attempts when they come at the same time", async () => {
		const code = await world.codeFor(email);
		for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: 5 }, () => signIn(otherThan(code))));

		expect(await signIn(code)).toEqual(refused("wrong_code"));
	});

	it("refuses the right code in another browser than the one that asked", async () => {
		const code = await world.codeFor(email);

		expect(await signIn(code, otherBrowser)).toEqual(refused("wrong_code"));
		expect(await signIn(code, "")).toEqual(refused("wrong_code"));
		expect(await signIn(code)).toEqual(isSignedIn);
	});

	it("refuses the right code for another address", async () => {
		const code = await world.codeFor(email);
		await world.codeFor("eve@example.com");

		expect(await signIn(code, someBrowser, "eve@example.com")).toEqual(refused("wrong_code"));
	});

	it("refuses a code that a newer one has replaced", async () => {
		const first = await world.codeFor(email);
		const second = await world.codeFor(email);

		expect(await signIn(first)).toEqual(refused("wrong_code"));
		expect(await signIn(second)).toEqual(isSignedIn);
	});

	it.each(["", "1234", "AAAA-AAAA-A", "UUUU-UUUU", "' or 1=1 --", "💥💥💥💥💥💥💥💥"])(
		"refuses %j, which is no code, without asking the database",
		async (typed) => {
			await world.codeFor(email);
			world.database.calls = 0;

			expect(await signIn(typed)).toEqual(refused("wrong_code"));
			expect(world.database.calls).toBe(0);
		},
	);

	it.each(["nobody@example.com", "no address", "ada@example.com\r\nBcc: eve@example.com"])(
		"refuses any code for %j",
		async (address) => {
			expect(await signIn("0000-0000", someBrowser, address)).toEqual(refused("wrong_code"));
			expect(await world.rows("select * from users")).toEqual([]);
		},
	);

	it("row 29: a wrong code has the same answer and costs the same, whether the address is known or not", async () => {
		await world.signIn(email);
		const costs: unknown[] = [];
		for (const address of [email, "unknown@example.com"]) {
			const code = await world.codeFor(address);
			world.database.calls = 0;
			costs.push([await signIn(otherThan(code), someBrowser, address), world.database.calls]);
		}

		expect(costs).toEqual([
			[refused("wrong_code"), 5],
			[refused("wrong_code"), 5],
		]);
	});

	it("row 31: every sign-in has a new session; the secret of an earlier one stays its own", async () => {
		const first = await world.signIn(email);
		const second = await world.signIn(email);

		expect(second.sessionId).not.toBe(first.sessionId);
		expect(second.secret).not.toBe(first.secret);
		expect(await world.call("refresh", { secret: first.secret })).toMatchObject({ sessionId: first.sessionId });
	});

	it("stores neither the code nor the session's secret", async () => {
		const code = await world.codeFor(email);
		const before = JSON.stringify(await contentsOf(world.database));
		await signIn(code);
		const other = await world.signIn(email);
		const after = JSON.stringify(await contentsOf(world.database));

		expect(before).not.toContain(code);
		expect(before).not.toContain(code.replace("-", ""));
		expect(before).not.toContain(someBrowser);
		expect(after).not.toContain(other.secret);
		expect(after).not.toContain(other.token);
	});

	it("logs nothing that is secret or personal", async () => {
		const code = await world.codeFor(email);
		await signIn(code);
		await signIn(code);
		const { secret } = await world.signIn(email);

		const log = world.logged.join("\n");
		expect(log).toContain("signed_in");
		for (const part of [email, code, code.replace("-", ""), secret, someBrowser]) expect(log).not.toContain(part);
	});
});

describe("a new customer's shard", () => {
	it.each(["00", "01", "7f"])("is %s when only that one is open", async (shard) => {
		world.settings = { SHARD_WEIGHTS: JSON.stringify({ "00": 0, "01": 0, [shard]: 1 }) };

		expect((await world.signIn(email)).customerId.slice(4, 6)).toBe(shard);
	});

	it.each(['{"00":0,"01":0}', "{}", "", "[]", '{"00":-1}', '{"0":1}', '{"00":"1"}'])(
		"cannot be found with %j: nobody is signed up",
		async (weights) => {
			world.settings = { SHARD_WEIGHTS: weights };
			const code = await world.codeFor(email);

			await expect(signIn(code)).rejects.toThrow(/SHARD_WEIGHTS|shard/);
			expect(world.logged.map((line) => JSON.parse(line))).toContainEqual(
				expect.objectContaining({ level: "alarm", message: "customer_not_placed" }),
			);

			expect(await world.rows("select * from users")).toEqual([]);
			expect(await world.rows("select * from sessions")).toEqual([]);
		},
	);

	it("does not matter to who has an account: they sign in as ever", async () => {
		const { customerId } = await world.signIn(email);
		world.settings = { SHARD_WEIGHTS: "{}" };

		expect((await world.signIn(email)).customerId).toBe(customerId);
	});
});

it("without an ORIGIN nobody signs in", async () => {
	world.settings = { ORIGIN: "" };

	await expect(world.call("requestCode", { email, browser: someBrowser })).rejects.toThrow("ORIGIN");
});
