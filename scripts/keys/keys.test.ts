import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { days } from "../../shared/time.ts";
import { root } from "../run.ts";
import { complete, readKeyFile } from "./key-file.ts";
import { keyValues } from "./values.ts";

const folder = mkdtempSync(join(tmpdir(), "keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.json`);

interface Answer {
	readonly code: number;
	readonly out: string;
	readonly said: string;
}

/** `npm run -s keys -- …`, on a home of its own. */
function keys(...args: string[]): Promise<Answer> {
	const env = { ...process.env, DEV_STATE: join(folder, "home") };
	return new Promise((done) => {
		execFile(process.execPath, ["scripts/keys/main.ts", ...args], { cwd: root, env }, (error, out, said) =>
			done({ code: Number(error?.code ?? 0), out, said }),
		);
	});
}

/** A file of an operator. */
function given(): string {
	const path = newFile();
	writeFileSync(path, JSON.stringify(complete(undefined, Date.now() - 100 * days)));
	return path;
}

const secretsIn = (path: string) =>
	[...readFileSync(path, "utf8").matchAll(/"(?:secret|d|pepper|fingerprint)": ?"([^"]+)"/g)].map(([, secret]) => String(secret));

describe("npm run keys", () => {
	test("goes through a rotation of session keys a step at a time, and each asks for the last one", async () => {
		const path = given();
		const old = readKeyFile(path)?.session?.[0]?.kid ?? "";
		const list = async () => (await keys("list", "--file", path)).said;

		// first everybody learns the new one
		const added = await keys("rotate", "session", "--file", path);
		expect(added).toMatchObject({ code: 0, out: "" });
		for (const worker of ["customer", "identity"]) {
			expect(added.said).toContain(
				`npm run -s keys -- show SESSION_KEYS ${worker} --file ${path} | npm exec -- wrangler secret put`,
			);
		}
		expect(Object.keys(JSON.parse((await keys("show", "SESSION_KEYS", "identity", "--file", path)).out))[0]).toBe(old);

		// nothing goes on by mistake
		const before = readFileSync(path, "utf8");
		const again = await keys("rotate", "session", "--file", path);
		expect(again.code).toBe(1);
		expect(again.said).toContain("--done");
		expect(readFileSync(path, "utf8")).toBe(before);

		// then it signs, then the old one is retired, and kept
		expect(await keys("rotate", "session", "--done", "--file", path)).toMatchObject({ code: 0 });
		const shown = Object.keys(JSON.parse((await keys("show", "SESSION_KEYS", "identity", "--file", path)).out));
		expect(shown[0]).not.toBe(old);
		expect(shown).toContain(old);
		expect(await keys("rotate", "session", "--done", "--file", path)).toMatchObject({ code: 0 });
		const kept = await keys("prune", "--file", path);
		expect(kept.said).toMatch(new RegExp(`${old} is kept until \\d{4}-`));
		expect(await list()).toContain(old);

		// one that has leaked goes at once, the one in use never
		expect((await keys("prune", "--leaked", shown[0] ?? "", "--file", path)).said).toContain("is in use");
		expect((await keys("prune", "--leaked", old, "--file", path)).said).toContain(`${old} is destroyed`);
		expect(await list()).not.toContain(old);
	});

	test("takes a step back", async () => {
		const path = given();
		const before = readKeyFile(path);
		await keys("rotate", "vault", "--file", path);
		expect((await keys("back", "vault", "--file", path)).said).toContain("show VAULT_KEKS billing");
		expect(readKeyFile(path)).toEqual(before);
		expect((await keys("back", "vault", "--file", path)).said).toContain("No rotation is under way");
	});

	test("says what is due: cards and key-encryption keys after 90 days", async () => {
		const { code, said } = await keys("list", "--file", given());
		expect(code).toBe(0);
		const due = said.split("\n").filter((line) => line.includes("DUE"));
		expect(due.map((line) => line.split(" ")[0])).toEqual(["card", "vault"]);
	});

	test("prints secrets by show only, to the letter, and only those that the Worker has", async () => {
		const path = given();
		const file = readKeyFile(path);
		if (!file) throw new Error("no file");
		expect(await keys("show", "CARD_KEYS", "billing", "--file", path)).toEqual({
			code: 0,
			said: "",
			out: keyValues(file, "billing")["CARD_KEYS"],
		});
		expect(await keys("show", "CARD_KEYS", "customer", "--file", path)).toMatchObject({ code: 1, out: "" });
		expect(await keys("show", "SMS_TOKEN", "notification", "--file", path)).toMatchObject({ code: 1, out: "" });

		const everything = await Promise.all(
			[["list"], ["rotate", "signing"], ["rotate", "card"], ["back", "card"], ["prune"]].map((args) =>
				keys(...args, "--file", path),
			),
		);
		const text = JSON.stringify(everything);
		const secrets = secretsIn(path);
		expect(secrets.length).toBeGreaterThan(8);
		expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
	});

	test.each([
		["no command", []],
		["an unknown one", ["turn"]],
		["an unknown option", ["list", "--force"]],
		["an unknown purpose", ["rotate", "fingerprint"]],
		["a Worker that does not sign", ["rotate", "signing", "identity"]],
		["a Worker where there is only one", ["rotate", "card", "billing"]],
		["too many words", ["rotate", "signing", "billing", "customer"]],
		["nothing that could be done", ["rotate", "card", "--done"]],
		["a key that there is not", ["prune", "--leaked", "nosuch"]],
	])("refuses %s in clear words and changes nothing", async (_, args) => {
		const path = given();
		const before = readFileSync(path, "utf8");
		const { code, out, said } = await keys(...args, "--file", path);
		expect({ code, out }).toEqual({ code: 1, out: "" });
		expect(said).not.toMatch(/^\s+at /m);
		expect(said.length).toBeGreaterThan(10);
		expect(readFileSync(path, "utf8")).toBe(before);
	});

	test("makes what is missing, for its owner's eyes, and touches nothing that is there", async () => {
		const path = newFile();
		expect((await keys("list", "--file", path)).code).toBe(1);
		await keys("init", "--file", path);
		expect(statSync(path).mode & 0o777).toBe(0o600);
		const { card: _, ...rest } = readKeyFile(path) ?? { card: undefined };
		writeFileSync(path, JSON.stringify(rest));
		await keys("init", "--file", path);
		expect(readKeyFile(path)).toMatchObject(rest);
		expect(readKeyFile(path)?.card).toHaveLength(1);
		expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
	});
});
