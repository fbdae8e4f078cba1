import { beforeEach, describe, expect, it } from "vitest";
import { IdentityWorld } from "../../../shared/testing/identity.ts";
import * as worker from "../index.ts";
import { boundCode, codeOf, readCode, shownCode } from "./code.ts";

describe("a code", () => {
	it("has eight characters of Crockford's base 32, each as likely as the others", () => {
		const characters = new Map<string, number>();
		for (let byte = 0; byte < 256; byte++) {
			const code = codeOf(new Uint8Array(8).fill(byte));
			expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
			characters.set(code, (characters.get(code) ?? 0) + 1);
		}
		expect([...characters.values()]).toEqual(Array.from({ length: 32 }, () => 8));
	});

	it("is read back as it is shown, and with what looks alike", () => {
		const code = codeOf(Uint8Array.from([0, 1, 2, 30, 31, 17, 18, 19]));

		expect(shownCode(code)).toBe("012Y-ZHJK");
		expect(readCode(shownCode(code))).toBe(code);
		expect(readCode("oIl2–yZ hjk")).toBeUndefined();
		expect(readCode(" oi2y–zhjk\n")).toBe(code);
		expect(readCode("oL2y zhjk")).toBe(code);
	});

	it.each([
		{ browser: "another-browser" },
		{ email: "eve@example.com" },
		{ customerId: "cus_1" },
		{ purpose: "change-email" as const },
	])("is another one with %j", (other) => {
		const binding = { purpose: "sign-in", email: "ada@example.com", browser: "browser", customerId: "" } as const;

		expect(boundCode({ ...binding, ...other }, "00000000")).not.toBe(boundCode(binding, "00000000"));
	});
});

describe("row 28: comparing codes", () => {
	let world: IdentityWorld;
	beforeEach(async () => {
		world = await IdentityWorld.start(worker);
	});
	const stored = async () =>
		(await world.rows<{ value: string }>("select value from verifications")).map(({ value }) => value.split(":")[0] ?? "");

	it("compares HMACs of one length, in which no character of a code has a place of its own", async () => {
		for (let i = 0; i < 5; i++) await world.codeFor(`person${i}@example.com`);

		const macs = await stored();
		expect(macs).toHaveLength(5);
		for (const mac of macs) expect(mac).toMatch(/^[0-9a-f]{64}$/);
		expect(new Set(macs.map((mac) => mac.slice(0, 8))).size).toBe(5);
	});

	it("depends on the pepper: who reads the database cannot try codes", async () => {
		const code = await world.codeFor("ada@example.com");
		world.settings = { CODE_PEPPER: "another-pepper" };
		const input = { email: "ada@example.com", code, browser: "browser-of-the-one-who-asks", userAgent: "" };

		expect(await world.call("signInWithCode", input)).toEqual({ refused: "wrong_code" });
	});
});
