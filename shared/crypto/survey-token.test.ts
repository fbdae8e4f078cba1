import { describe, expect, it } from "vitest";
import { sessionKey, surveyKey } from "../testing/bindings.ts";
import { newId } from "../testing/fixtures.ts";
import { signSymmetrically, tamper, unsigned } from "../testing/forge.ts";
import { days } from "../time.ts";
import { signSession, verifySession } from "./session-token.ts";
import { joseSurveyTokens } from "./survey-token.ts";

const { kid, secret } = surveyKey;
const keys = JSON.stringify({ [kid]: secret });
const tokens = joseSurveyTokens(keys);
const now = Date.UTC(2026, 10, 2, 12);
const surveyId = `${newId("tkt", "00").replace("tkt", "srv")}_1`;
const expiresAt = now + 30 * days;

const header = { typ: "survey+jwt", kid };
const claims = { sub: surveyId, exp: expiresAt / 1000 };

it("what is signed can be verified until it expires, to the second", async () => {
	const token = await tokens.sign({ surveyId, expiresAt: expiresAt + 999 });

	expect(await tokens.verify(token, now)).toEqual({ surveyId, expiresAt });
	expect(await tokens.verify(token, expiresAt - 1)).toEqual({ surveyId, expiresAt });
	expect(await tokens.verify(token, expiresAt)).toBeUndefined();
});

it("a token made by hand like those below, with everything right, is good", async () => {
	expect(await tokens.verify(await signSymmetrically(claims, header, secret), now)).toEqual({ surveyId, expiresAt });
});

describe("nothing is said of a token that is", () => {
	it.each<[string, () => string | Promise<string>]>([
		["empty", () => ""],
		["garbage", () => "garbage"],
		["three parts of garbage", () => "a.b.c"],
		["of another content", async () => tamper(await tokens.sign({ surveyId, expiresAt }))],
		["without its signature", async () => (await tokens.sign({ surveyId, expiresAt })).replace(/[^.]+$/, "")],
		["of alg none", () => unsigned(claims, { ...header, alg: "none" })],
		["of HS512 with the right secret", () => signSymmetrically(claims, { ...header, alg: "HS512" }, secret)],
		["signed with another secret", () => signSymmetrically(claims, header, "x".repeat(43))],
		["signed with a key that is not there", () => signSymmetrically(claims, { ...header, kid: "other" }, secret)],
		["signed with a key named like a method", () => signSymmetrically(claims, { ...header, kid: "toString" }, `${{}.toString}`)],
		["without a key's name", () => signSymmetrically(claims, { typ: header.typ }, secret)],
		["of another type", () => signSymmetrically(claims, { ...header, typ: "JWT" }, secret)],
		["of no type", () => signSymmetrically(claims, { kid }, secret)],
		["without an end", () => signSymmetrically({ sub: surveyId }, header, secret)],
		["about nothing", () => signSymmetrically({ exp: claims.exp }, header, secret)],
		["about a ticket", () => signSymmetrically({ ...claims, sub: newId("tkt", "00") }, header, secret)],
		["about a survey with SQL in it", () => signSymmetrically({ ...claims, sub: `${surveyId}' or 1=1` }, header, secret)],
		["expired", () => signSymmetrically({ ...claims, exp: now / 1000 - 1 }, header, secret)],
	])("%s", async (_, token) => {
		expect(await tokens.verify(await token(), now)).toBeUndefined();
	});
});

describe("neither kind of token stands for the other, even under the same key:", () => {
	const session = { customerId: newId("cus", "00"), sessionId: newId("ses", "00") };

	it("a session token is no survey token", async () => {
		const token = await signSession(session, keys, now);

		expect(await verifySession(token, keys, now)).toEqual(session); // it is a good one
		expect(await tokens.verify(token, now)).toBeUndefined();
		expect(
			await tokens.verify(await signSymmetrically({ ...claims, sid: session.sessionId }, { kid, typ: "JWT" }, secret), now),
		).toBe(undefined);
	});

	it("a survey token is no session token", async () => {
		const sessionKeys = JSON.stringify({ [sessionKey.kid]: sessionKey.secret });
		const token = await joseSurveyTokens(sessionKeys).sign({ surveyId, expiresAt });
		const issuedAt = Math.floor(now / 1000);
		const all = {
			iss: "identity",
			aud: "customer",
			sub: session.customerId,
			sid: session.sessionId,
			iat: issuedAt,
			exp: issuedAt + 300,
		};
		const dressedUp = await signSymmetrically(all, { kid: sessionKey.kid, typ: "survey+jwt" }, sessionKey.secret);

		for (const one of [token, dressedUp]) {
			await expect(verifySession(one, sessionKeys, now)).rejects.toMatchObject({ message: "unauthenticated" });
		}
		const undressed = await signSymmetrically(all, { kid: sessionKey.kid, typ: "JWT" }, sessionKey.secret);
		expect(await verifySession(undressed, sessionKeys, now)).toEqual(session);
	});
});

describe("keys are replaced without a customer noticing:", () => {
	const [old, fresh] = [{ old: "o".repeat(43) }, { fresh: "f".repeat(43) }];
	const [before, during, after] = [old, { ...fresh, ...old }, fresh].map((all) => joseSurveyTokens(JSON.stringify(all)));

	it("while both are there, the first signs and both verify", async () => {
		const [earlier, later] = [await before?.sign({ surveyId, expiresAt }), await during?.sign({ surveyId, expiresAt })];

		expect(await during?.verify(earlier ?? "", now)).toEqual({ surveyId, expiresAt });
		expect(await after?.verify(later ?? "", now)).toEqual({ surveyId, expiresAt });
	});

	it("a key that is retired opens nothing any more", async () => {
		expect(await after?.verify((await before?.sign({ surveyId, expiresAt })) ?? "", now)).toBeUndefined();
	});
});

it.each([
	["none at all", "{}"],
	["a secret that is too short", '{"a":"short"}'],
	["no JSON", "no-json-secret"],
])("without good keys (%s) nothing is signed, and nothing of them is told", async (_, bad) => {
	const failure = await joseSurveyTokens(bad)
		.sign({ surveyId, expiresAt })
		.catch((error: unknown) => String(error));

	expect(failure).toMatch(/Error/);
	expect(failure).not.toContain('"short"');
});
