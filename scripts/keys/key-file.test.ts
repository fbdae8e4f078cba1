import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { complete, readKeyFile, writeKeyFile } from "./key-file.ts";
import { listKeys } from "./list.ts";
import { keyValues } from "./values.ts";

const folder = mkdtempSync(join(tmpdir(), "key-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.json`);

/** A file of an operator. */
function given(): string {
	const path = newFile();
	writeFileSync(path, JSON.stringify(complete(undefined, 0)));
	return path;
}

describe("a key file", () => {
	test.each([
		["is no JSON", () => "{"],
		["has no key in use", (file: string) => file.replaceAll('"current"', '"added"')],
		["has two keys of one name", (file: string) => file.replace(/("session":)\[(\{.*?\})\]/, "$1[$2,$2]")],
		["has a name that JSON puts first", (file: string) => file.replace(/"kid":"session-[^"]+"/, '"kid":"7"')],
		["has a short secret", (file: string) => file.replace(/"secret":"[^"]+"/, '"secret":"short"')],
		["has what nobody knows", (file: string) => file.replace("{", '{"sessions":[],')],
	])("that %s is refused without its text", (_, spoil) => {
		const path = given();
		const text = spoil(readFileSync(path, "utf8"));
		expect(text).not.toBe(readFileSync(path, "utf8"));
		writeFileSync(path, text);
		expect(() => readKeyFile(path)).toThrow(/^(?!.*short).* is no key file: /);
	});

	test("that somebody else has written since is not written over", () => {
		const path = given();
		const before = readKeyFile(path);
		const others = complete(undefined, 1);
		writeFileSync(path, JSON.stringify(others));
		expect(() => writeKeyFile(path, complete(before, 2), before)).toThrow("somebody else");
		expect(readKeyFile(path)).toEqual(others);
	});

	test("stays as it was when it cannot be written", () => {
		const path = given();
		const before = readKeyFile(path);
		// JSON of a key that is none is found before the disk is touched
		const broken = { ...complete(before, 1), fingerprint: "short" };
		expect(() => writeKeyFile(path, broken, before)).toThrow();
		expect(readKeyFile(path)).toEqual(before);
		expect(existsSync(`${path}.${process.pid}.new`)).toBe(false);
	});

	test("of a local stack that is older is carried over, every key of it", () => {
		// given the file as it was: one key of a purpose, or a list whose first was in use
		const { signing, session, survey, card, vault, fingerprint, auth } = complete(undefined, 0);
		const named = (one: { kid: string; jwk: object } | undefined) => ({ ...one?.jwk, kid: one?.kid });
		const [sessionKey, surveyKey, cardKey, kek] = [session[0], survey[0], card[0], vault[0]];
		if (!sessionKey || !surveyKey || !kek) throw new Error("no keys");
		const older = {
			signing: Object.fromEntries(Object.entries(signing).map(([worker, keys]) => [worker, named(keys?.[0])])),
			session: { kid: "dev-session", secret: sessionKey.secret },
			survey: { kid: "dev-survey", secret: surveyKey.secret },
			card: [named(cardKey), { ...named(complete(undefined, 0).card[0]), retiredAt: 5 }],
			vault: [
				{ id: "dev-2", secret: kek.secret },
				{ id: "dev-1", secret: sessionKey.secret },
			],
			fingerprint,
			sms: "a-token",
			auth,
			access: { kty: "RSA", kid: "dev-access", n: "n", e: "AQAB", d: "d" },
		};
		const path = newFile();
		writeFileSync(path, JSON.stringify(older));
		utimesSync(path, 1000, 1000);

		const file = readKeyFile(path);

		// then every Worker has what it had
		if (!file) throw new Error("no file");
		const values = keyValues(file, "billing");
		expect(JSON.parse(values["SIGNING_KEY"] ?? "")).toEqual(older.signing["billing"]);
		expect(values["SESSION_KEYS"]).toBe(JSON.stringify({ "dev-session": sessionKey.secret }));
		expect(values["SURVEY_KEYS"]).toBe(JSON.stringify({ "dev-survey": surveyKey.secret }));
		expect(JSON.parse(values["CARD_KEYS"] ?? "")).toEqual(older.card);
		expect(values["VAULT_KEKS"]).toBe(JSON.stringify({ "dev-2": kek.secret, "dev-1": sessionKey.secret }));
		expect(file).toMatchObject({ fingerprint, auth, sms: "a-token", access: older.access });
		expect(file.session?.[0]?.createdAt).toBe(1_000_000);

		// and the oldest files, which had no cards, as well
		const { card: _, vault: __, fingerprint: ___, ...oldest } = older;
		writeFileSync(path, JSON.stringify(oldest));
		expect(readKeyFile(path)).toMatchObject({ session: file.session ? [{ kid: "dev-session" }] : [], access: older.access });
	});

	test("is listed without a secret", () => {
		const file = complete(undefined, 0);
		const text = listKeys(file, 0);
		expect(text).toContain(file.session[0]?.kid);
		expect(text).not.toContain(file.session[0]?.secret);
	});
});
