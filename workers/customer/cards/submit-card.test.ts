import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { toBase64Url } from "../../../shared/bytes.ts";
import {
	type CardBody,
	CardHolder,
	cardsPath,
	type IntentBody,
	noIntent,
	someDisplay,
	submissionOf,
} from "../../../shared/testing/card-holder.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { databaseOf, eventsOf, givenCustomer, outboxOf } from "../../../shared/testing/customers.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { minutes } from "../../../shared/time.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);
let ada: CardHolder;
let intent: IntentBody;
beforeEach(async () => {
	ada = new CardHolder(worker, await givenCustomer());
	intent = await ada.givenIntent();
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

/** Expects this answer, and that nothing has changed and nothing of the body is in the answer. */
async function expectRefusal(status: number, code: string, body: object, holder = ada): Promise<void> {
	const before = await contentsOf(databaseOf("00"), databaseOf("01"));
	const answer = await holder.submit(body);
	expect(answer).toMatchObject({ status, body: { code } });
	if ("jwe" in body) expect(answer.text).not.toContain(String(body.jwe).slice(0, 40));
	expect(await contentsOf(databaseOf("00"), databaseOf("01"))).toEqual(before);
}

describe("POST cards", () => {
	it.each(["00", "01"])("answers 202 with the card, and tells billing all that its intent says (shard %s)", async (shard) => {
		const holder = new CardHolder(worker, await givenCustomer({ shard }));
		const open = await holder.givenIntent();
		const body = await submissionOf(open);

		const answer = await holder.submit<CardBody>(body);

		expect(answer).toMatchObject({ status: 202 });
		expect(answer.body).toEqual({
			id: open.cardId,
			state: "submitted",
			reason: null,
			...someDisplay,
			expired: false,
			replaces: null,
			createdAt: expect.stringMatching(/Z$/),
			submittedAt: answer.body.changedAt,
			changedAt: expect.stringMatching(/Z$/),
		});
		expect(await holder.list()).toEqual([answer.body]);
		const [event, ...others] = await eventsOf(holder.customer);
		expect(others).toEqual([]);
		expect(event).toMatchObject({ type: "CardSubmitted", subject: holder.customer.id });
		expect(event?.data).toEqual({
			...body,
			nonce: open.nonce,
			acceptedAt: Date.parse(answer.body.submittedAt),
			replaces: null,
		});
		expect(await outboxOf(holder.customer)).toMatchObject([{ destination: "billing" }]);
	});

	it("keeps the encrypted card in the outbox alone", async () => {
		const body = await submissionOf(intent);

		await ada.submit(body);

		expect(JSON.stringify(await ada.row(intent.cardId))).not.toContain(body.jwe.slice(0, 40));
	});

	it("asks identity nothing: it trusted the session when it gave the intent", async () => {
		const away = new CardHolder(worker, ada.customer, {});

		expect((await away.submit(await submissionOf(intent))).status).toBe(202);

		expect(away.identity.asked).toEqual([]);
	});

	it("is refused to a session that was signed out", async () => {
		await ada.customer.signOut();

		await expectRefusal(401, "session_revoked", await submissionOf(intent));
	});

	it.each([
		[2025, true],
		[new Date().getUTCFullYear() + 1, false],
	])("takes a card of %i, which billing may refuse, and tells whether its month is over", async (expYear, expired) => {
		const { body } = await ada.submit<CardBody>({ ...(await submissionOf(intent)), expYear });

		expect(body).toMatchObject({ state: "submitted", expYear, expired });
		expect(await ada.list()).toMatchObject([{ expYear, expired }]);
	});
});

describe("an intent is for once:", () => {
	it("row 6: the same submission 100 times is one card and one event", async () => {
		const body = await submissionOf(intent);

		const answers = await Promise.all(Array.from({ length: 100 }, () => ada.submit<CardBody>(body)));

		expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
		expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set([intent.cardId]));
		expect(await ada.list()).toHaveLength(1);
		expect(await outboxOf(ada.customer)).toHaveLength(1);
	});

	it("row 6: another one, or one of other display data, is 409, and the first stands", async () => {
		const first = await submissionOf(intent);
		await ada.submit(first);

		await expectRefusal(409, "intent_closed", await submissionOf(intent));
		await expectRefusal(409, "intent_closed", { ...first, last4: "4243" });
		// other last characters, which decrypt all the same
		await expectRefusal(409, "intent_closed", {
			...first,
			jwe: `${first.jwe.slice(0, -1)}${first.jwe.endsWith("A") ? "Q" : "A"}`,
		});

		expect((await ada.submit(first)).status).toBe(202);
	});

	it("the same submission is answered with the card as it is by then", async () => {
		const body = await submissionOf(intent);
		await ada.submit(body);
		await ada.remove(intent.cardId);

		expect(await ada.submit(body)).toMatchObject({ status: 202, body: { state: "removed" } });
		expect((await outboxOf(ada.customer)).map(({ type }) => type)).toEqual(["CardSubmitted", "CardRemoved"]);
	});

	it("two different submissions at once: one is taken", async () => {
		const bodies = [await submissionOf(intent), await submissionOf(intent)];

		const answers = await Promise.all(bodies.map((body) => ada.submit(body)));

		expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
		expect(await outboxOf(ada.customer)).toHaveLength(1);
	});

	it("submitted while it is removed: whichever came first, it ends removed, and billing hears of it last", async () => {
		const body = await submissionOf(intent);

		const [submitted, removed] = await Promise.all([ada.submit(body), ada.remove(intent.cardId)]);

		expect(removed.status).toBe(204);
		expect([202, 409]).toContain(submitted.status);
		expect(await ada.row(intent.cardId)).toMatchObject({ state: "removed" });
		expect((await outboxOf(ada.customer)).map(({ type }) => type)).toEqual(
			submitted.status === 202 ? ["CardSubmitted", "CardRemoved"] : ["CardRemoved"],
		);
	});

	it("taken to its last millisecond, and not after", async () => {
		const body = await submissionOf(intent);
		vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
		const endIn = (ms: number) =>
			ada.customer.database
				.prepare("update cards set expires_at = ?")
				.bind(Date.now() + ms)
				.run();

		await endIn(0);
		await expectRefusal(409, "intent_closed", body);
		await endIn(1);
		expect((await ada.submit(body)).status).toBe(202);
		await endIn(-minutes); // the same again is not too late
		expect((await ada.submit(body)).status).toBe(202);
	});

	it("removed: 409", async () => {
		await ada.remove(intent.cardId);

		await expectRefusal(409, "intent_closed", await submissionOf(intent));
	});

	it("never given, or given to another customer: 409, alike", async () => {
		const eve = new CardHolder(worker, await givenCustomer());
		const absent = noIntent(eve.customer.id);
		const stolen = { ...intent, customerId: eve.customer.id };

		await expectRefusal(409, "intent_closed", await submissionOf(absent), eve);
		await expectRefusal(409, "intent_closed", await submissionOf(stolen), eve);
		await expectRefusal(409, "intent_closed", await submissionOf({ ...stolen, cardId: newId("crd", "01") }), eve);
	});
});

describe("row 5: a card that was sealed for something else is 422 `wrong_seal`:", () => {
	it("of another customer, sent by this one; or the other way round", async () => {
		const eve = new CardHolder(worker, await givenCustomer());
		const theirs = await submissionOf(await eve.givenIntent());

		await expectRefusal(422, "wrong_seal", { ...theirs, cardId: intent.cardId });
		await expectRefusal(422, "wrong_seal", theirs);
		await expectRefusal(422, "wrong_seal", await submissionOf(intent), eve);
	});

	it("of another card of the same customer", async () => {
		const other = await submissionOf(await ada.givenIntent());

		await expectRefusal(422, "wrong_seal", { ...other, cardId: intent.cardId });
	});

	it.each<[string, object]>([
		["another key", { kid: "k".repeat(43) }],
		["no key", { kid: undefined }],
		["another type", { typ: "JWE" }],
		["no type", { typ: undefined }],
		["no customer", { sub: undefined }],
		["a list of customers", { sub: ["cus_000aaaaaaaaaaaaaaaaaaaaaaaaa"] }],
		["no card", { cid: undefined }],
		["another encryption", { enc: "A128GCM" }],
		["more than it has to say", { cty: "card" }],
	])("a header with %s", async (_, header) => {
		await expectRefusal(422, "wrong_seal", await submissionOf(intent, { header }));
	});

	it.each(["jku", "x5u", "jwk", "x5c", "zip", "crit", "p2c", "apu"])(
		"row 16: a header with %s, and nothing is fetched",
		async (field) => {
			const fetched = vi.fn();
			vi.stubGlobal("fetch", fetched);
			const { jwe, ...body } = await submissionOf(intent);
			const [first = "", ...others] = jwe.split(".");
			const header = { ...JSON.parse(atob(first)), [field]: "https://evil.test/keys" };

			await expectRefusal(422, "wrong_seal", { ...body, jwe: [toBase64Url(JSON.stringify(header)), ...others].join(".") });

			expect(fetched).not.toHaveBeenCalled();
		},
	);

	it.each<[string, (parts: string[]) => string]>([
		["alg none", ([, ...others]) => [toBase64Url('{"alg":"none"}'), ...others].join(".")],
		["an encrypted key", ([a, , ...others]) => [a, "AAAA", ...others].join(".")],
		["a part missing", (parts) => parts.slice(0, 4).join(".")],
		["a part too many", (parts) => [...parts, "AAAA"].join(".")],
		["a header that is no JSON", ([, ...others]) => [toBase64Url("{"), ...others].join(".")],
		["a header that is no base64url", ([, ...others]) => ["A", ...others].join(".")],
		["a header that is a list", ([, ...others]) => [toBase64Url("[]"), ...others].join(".")],
		["a short tag", (parts) => parts.join(".").slice(0, -1)],
		["no more than a word", () => "word"],
	])("%s", async (_, mutate) => {
		const body = await submissionOf(intent);
		await expectRefusal(422, "wrong_seal", { ...body, jwe: mutate(body.jwe.split(".")) });
	});

	it.each(["dir", "A256KW", "HS256", "RSA-OAEP-256", "PBES2-HS256+A128KW", "ECDH-ES+A256KW"])("alg %s", async (alg) => {
		const { jwe, ...body } = await submissionOf(intent);
		const [first = "", ...others] = jwe.split(".");
		const header = { ...JSON.parse(atob(first)), alg };
		await expectRefusal(422, "wrong_seal", { ...body, jwe: [toBase64Url(JSON.stringify(header)), ...others].join(".") });
	});
});

describe("a field that is not as expected", () => {
	it.each<[string, unknown]>([
		["cardId", "tkt_000aaaaaaaaaaaaaaaaaaaaaaaaa"],
		["jwe", ""],
		["jwe", "x".repeat(2049)],
		["jwe", "https://evil.test/"],
		["brand", "maestro"],
		["last4", "424"],
		["last4", "42a2"],
		["last4", 4242],
		["expMonth", 0],
		["expMonth", 13],
		["expMonth", "12"],
		["expYear", 1999],
		["expYear", 2100],
	])("%s = %j: 422 that names it", async (field, wrong) => {
		const answer = await ada.submit({ ...(await submissionOf(intent)), [field]: wrong });

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field }] } });
	});

	it.each(["pan", "cvc", "url", "customerId", "state"])("%s is none of them: 422", async (field) => {
		await expectRefusal(422, "invalid_field", { ...(await submissionOf(intent)), [field]: "x" });
	});

	it("a body of more than 4 KB is 413, streamed or not, for intents too", async () => {
		const large = { ...(await submissionOf(intent)), jwe: "x".repeat(4096) };
		await expectRefusal(413, "body_too_large", large);
		for (const path of [cardsPath, `${cardsPath}/intents`]) {
			const body = new Blob([JSON.stringify(large)]).stream();
			const headers = { "content-type": "application/json", origin: "https://customer.test" };
			expect((await ada.browser.ask(path, { method: "POST", body, headers })).status).toBe(413);
		}
	});
});
