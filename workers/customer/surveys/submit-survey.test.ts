import { beforeAll, describe, expect, it, vi } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Answer, ask, databaseOf, eventsOf, givenCustomer, outboxOf } from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { unsigned } from "../../../shared/testing/forge.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { givenSurvey, type InvitedSurvey, someAnswers, surveysPath, surveyTokens } from "../../../shared/testing/surveys.ts";
import { days } from "../../../shared/time.ts";

beforeAll(migrateDatabases);

const submit = <Body = { code?: string; answeredAt?: string }>(
	token: string,
	body: object = someAnswers,
	headers: Record<string, string> = {},
): Promise<Answer<Body>> =>
	ask<Body>(`${surveysPath}/${token}`, {
		method: "POST",
		headers: { "content-type": "application/json", ...headers },
		body: JSON.stringify(body),
	});
const key = (name: string) => ({ "idempotency-key": name });
const outbox = ({ customerId, database }: InvitedSurvey) => outboxOf({ id: customerId, database });
const rowOf = async ({ id, database }: InvitedSurvey) => (await rowsOf(database, "select * from surveys where id = ?", id))[0];

describe("POST surveys/{token}", () => {
	it.each(["00", "01"])("takes the answers of whoever has the token, with no session (shard %s)", async (shard) => {
		const survey = await givenSurvey({ shard });

		const answer = await submit(survey.token);

		expect(answer).toMatchObject({ status: 202, body: { answeredAt: expect.stringMatching(/^2\d{3}-.*Z$/) } });
		expect(answer.headers.get("cache-control")).toBe("no-store");
		expect(answer.headers.getSetCookie()).toEqual([]);
		const row = await rowOf(survey);
		const [event, ...others] = await eventsOf({ id: survey.customerId, database: survey.database });
		expect(others).toEqual([]);
		expect(event).toMatchObject({ type: "SurveySubmitted", source: "customer", subject: survey.customerId });
		expect(event?.data).toEqual({
			surveyId: survey.id,
			submittedAt: Date.parse(answer.body.answeredAt ?? ""),
			expertId: row?.["expert_id"],
			category: "television",
			region: "south",
			answers: someAnswers,
		});
	});

	it("tells of an expert whom nobody knows as null", async () => {
		const survey = await givenSurvey();
		await survey.database.prepare("update surveys set expert_id = null where id = ?").bind(survey.id).run();

		await submit(survey.token);

		const [event] = await eventsOf({ id: survey.customerId, database: survey.database });
		expect(event?.data).toMatchObject({ expertId: null });
	});

	it("answers a repetition under the same key alike, and nothing is doubled, whatever else the repetition says", async () => {
		const survey = await givenSurvey();
		const first = await submit(survey.token, someAnswers, key("one"));
		const before = await contentsOf(survey.database);

		const again = await submit(survey.token, someAnswers, key("one"));
		const other = await submit(survey.token, { ...someAnswers, satisfaction: 1 }, key("one"));

		expect([again, other]).toMatchObject([
			{ status: 202, body: first.body },
			{ status: 202, body: first.body },
		]);
		expect(await contentsOf(survey.database)).toEqual(before);
		expect(await outbox(survey)).toHaveLength(1);
	});

	it("answers 409 to another request, with another key or none, and the first answers stand", async () => {
		const survey = await givenSurvey();
		await submit(survey.token, someAnswers, key("one"));
		const before = await contentsOf(survey.database);

		for (const headers of [key("two"), {}]) {
			const answer = await submit(survey.token, { ...someAnswers, solved: false }, headers);
			expect(answer).toMatchObject({ status: 409, body: { code: "survey_answered" } });
		}
		expect(await contentsOf(survey.database)).toEqual(before);
	});

	it("takes one of two requests without a key, even when they say the same", async () => {
		const survey = await givenSurvey();

		const answers = [await submit(survey.token), await submit(survey.token)];

		expect(answers.map(({ status }) => status)).toEqual([202, 409]);
	});

	it("takes one of several at once: by one key all are told so, by different keys one is", async () => {
		const [same, different] = [await givenSurvey(), await givenSurvey()];
		const four = [1, 2, 3, 4];

		const repeated = await Promise.all(four.map(() => submit(same.token, someAnswers, key("one"))));
		const rivals = await Promise.all(four.map((n) => submit(different.token, someAnswers, key(`key-${n}`))));

		expect(repeated.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
		expect(new Set(repeated.map(({ body }) => body.answeredAt)).size).toBe(1);
		expect(rivals.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409]);
		expect(await outbox(same)).toHaveLength(1);
		expect(await outbox(different)).toHaveLength(1);
	});

	it("keeps a digest of the request's key, which says nothing of the answers", async () => {
		const [one, other] = [await givenSurvey(), await givenSurvey()];
		const digest = async (survey: InvitedSurvey) => {
			const text = new TextEncoder().encode(JSON.stringify([survey.id, "answer", "the-key"]));
			const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text)).subarray(0, 16);
			return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
		};

		await submit(one.token, someAnswers, key("the-key"));
		await submit(other.token, { satisfaction: 1, expertise: 1, punctuality: 1, friendliness: 1, solved: false }, key("the-key"));

		for (const survey of [one, other]) expect((await rowOf(survey))?.["answer_key"]).toBe(await digest(survey));
	});

	it("still takes the survey of the first resolution when there is one of the second", async () => {
		const ticketId = newId("tkt", "00");
		const first = await givenSurvey({ ticketId, resolution: 1 });
		const second = await givenSurvey({ ticketId, resolution: 2 });

		expect((await submit(second.token, someAnswers, key("one"))).status).toBe(202);
		expect((await submit(first.token, someAnswers, key("one"))).status).toBe(202);
		const told = [...(await outbox(first)), ...(await outbox(second))].map(({ event }) => JSON.parse(event).data.surveyId);
		expect(told).toEqual([first.id, second.id]);
	});
});

describe("404, and nothing changes, for a token", () => {
	const expectNothing = async (token: string) => {
		const before = await contentsOf(databaseOf("00"), databaseOf("01"));
		expect(await submit(token)).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await contentsOf(databaseOf("00"), databaseOf("01"))).toEqual(before);
	};

	it("that we have not signed", async () => {
		const { id, token } = await givenSurvey();
		const claims = { sub: id, exp: Math.floor(Date.now() / 1000) + 60 };

		await expectNothing(unsigned(claims, { alg: "none", typ: "survey+jwt", kid: "test-survey" }));
		await expectNothing(`${token.slice(0, -4)}AAAA`);
		await expectNothing("x");
	});

	it("of a session", async () => {
		await expectNothing((await givenCustomer()).token);
	});

	it("that has expired, though its survey has not", async () => {
		const { id } = await givenSurvey();
		await expectNothing(await surveyTokens.sign({ surveyId: id, expiresAt: Date.now() - 1000 }));
	});

	it("of a survey that is over, whatever the token says of its end", async () => {
		await expectNothing((await givenSurvey({ expiresIn: -1 })).token);
	});

	it("of a survey that was never there, or is pruned", async () => {
		const { id, token, database } = await givenSurvey();
		await database.prepare("delete from surveys where id = ?").bind(id).run();
		await expectNothing(token);
	});

	it("of a shard that we do not have, or of the other one", async () => {
		const { id } = await givenSurvey({ shard: "01" });
		const expiresAt = Date.now() + days;
		await expectNothing(await surveyTokens.sign({ surveyId: id.replace("srv_01", "srv_ff"), expiresAt }));
		await expectNothing(await surveyTokens.sign({ surveyId: id.replace("srv_01", "srv_00"), expiresAt }));
	});
});

describe("422 for", () => {
	it.each<[string, object, string]>([
		["6 of 5", { ...someAnswers, satisfaction: 6 }, "satisfaction"],
		["0 of 5", { ...someAnswers, expertise: 0 }, "expertise"],
		["a half", { ...someAnswers, punctuality: 2.5 }, "punctuality"],
		["a number as a text", { ...someAnswers, friendliness: "3" }, "friendliness"],
		["yes as a text", { ...someAnswers, solved: "yes" }, "solved"],
		["an answer too few", { ...someAnswers, solved: undefined }, "solved"],
		["an answer too many", { ...someAnswers, text: "canary-7Qx" }, ""],
		["nothing", {}, "satisfaction"],
	])("%s, and nothing changes", async (_, body, field) => {
		const survey = await givenSurvey();
		const before = await contentsOf(survey.database);

		const answer = await submit<{ errors: object[] }>(survey.token, body);

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		expect(answer.body.errors[0]).toMatchObject({ field });
		expect(answer.text).not.toContain("canary-7Qx");
		expect(await contentsOf(survey.database)).toEqual(before);
	});
});

it("neither a token nor an answer stands in a log", async () => {
	const written: string[] = [];
	const log = vi.spyOn(console, "log").mockImplementation((line) => void written.push(String(line)));
	const { token } = await givenSurvey();
	const forged = `${token.slice(0, -4)}AAAA`;
	try {
		for (const one of [token, forged]) {
			await submit(one);
			await submit(one, { satisfaction: 7 });
			await ask(`/surveys/${one}`, { headers: { accept: "text/html" } }).catch(() => {}); // a page is no JSON
		}
	} finally {
		log.mockRestore();
	}

	expect(written.filter((line) => line.includes("survey_submitted"))).toHaveLength(1);
	expect(written.join("\n")).toContain('"route":"/surveys/:token"');
	expect(written.filter((line) => /eyJ|satisfaction|punctual/.test(line))).toEqual([]);
});
