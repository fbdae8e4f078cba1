import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, givenCustomer, givenTicket, outboxOf } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { hiddenIn, visitorOf } from "../../../shared/testing/pages.ts";
import { chosenAnswers, givenSurvey, type InvitedSurvey, someAnswers } from "../../../shared/testing/surveys.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

/** Nobody has signed in here. */
const visitor = () => visitorOf(worker, null);
const pathOf = ({ token }: InvitedSurvey) => `/surveys/${token}`;
const toldBy = async ({ id, customerId, database }: InvitedSurvey) =>
	(await outboxOf({ id: customerId, database }))
		.map(({ event }) => JSON.parse(event).data)
		.filter(({ surveyId }) => surveyId === id)
		.map(({ answers }) => answers);

describe("the page of a survey", () => {
	it("asks five questions of whoever opens its address, and tells who came and when and nothing else", async () => {
		const customer = await givenCustomer();
		const survey = await givenSurvey({ customerId: customer.id });

		const { status, text } = await visitor().get(pathOf(survey));

		expect(status).toBe(200);
		expect(text.match(/<fieldset/g)).toHaveLength(5);
		expect(text.match(/type="radio"/g)).toHaveLength(4 * 5 + 2);
		expect(text).toContain("<bdi>Mary Example</bdi>");
		expect(text).toContain("2 November 2026");
		expect(text).not.toContain("checked");
		for (const hidden of [customer.id, survey.id, survey.id.slice(4, 32), "Ada", "Television"])
			expect(text).not.toContain(hidden);
	});

	it("tells its address to nobody: not to another site, and not to our own pages either", async () => {
		const survey = await givenSurvey();

		for (const path of [pathOf(survey), "/surveys/x"]) {
			const { headers } = await visitor().get(path);
			expect(headers.get("referrer-policy")).toBe("strict-origin");
			expect(headers.get("cache-control")).toBe("no-store");
		}
	});

	it("works when nobody knows who came", async () => {
		const survey = await givenSurvey({ expertName: null });

		expect((await visitor().get(pathOf(survey))).text).toContain("We finished the work on");
	});

	it("takes the answers once and then says thanks, at the same address", async () => {
		const survey = await givenSurvey();
		const key = hiddenIn((await visitor().get(pathOf(survey))).text, "key");

		const { status, headers } = await visitor().submit(pathOf(survey), { ...chosenAnswers, key });
		const thanks = await visitor().get(pathOf(survey));

		expect({ status, location: headers.get("location") }).toEqual({ status: 303, location: pathOf(survey) });
		expect(headers.getSetCookie()).toEqual([]);
		expect(thanks.status).toBe(200);
		expect(thanks.text).toContain("<h1>Thank you for your answers</h1>");
		expect(thanks.text).not.toContain("<form");
		expect(await toldBy(survey)).toEqual([someAnswers]);
	});

	it("is harmless when it is sent twice, and after the back button with other answers", async () => {
		const survey = await givenSurvey();
		const key = hiddenIn((await visitor().get(pathOf(survey))).text, "key");
		const send = (answers: object) => visitor().submit(pathOf(survey), { ...chosenAnswers, ...answers, key });

		const [one, other] = await Promise.all([send({}), send({})]);
		const later = await send({ satisfaction: "1" });

		expect([one, other, later].map(({ status }) => status)).toEqual([303, 303, 303]);
		expect(await toldBy(survey)).toEqual([someAnswers]);
	});

	it("says so, friendly, when it was answered from another page before", async () => {
		const survey = await givenSurvey();
		const [one, other] = [await visitor().get(pathOf(survey)), await visitor().get(pathOf(survey))];
		const keys = [hiddenIn(one.text, "key"), hiddenIn(other.text, "key")];
		await visitor().submit(pathOf(survey), { ...chosenAnswers, key: keys[0] ?? "" });

		const { status, text } = await visitor().submit(pathOf(survey), { ...chosenAnswers, solved: "no", key: keys[1] ?? "" });

		expect(new Set(keys).size).toBe(2);
		expect(status).toBe(409);
		expect(text).toContain("This survey was answered before");
		expect(await toldBy(survey)).toEqual([someAnswers]);
	});

	it("with answers missing says which, each with its field, keeps the others and its key, and stores nothing", async () => {
		const survey = await givenSurvey();
		const before = await contentsOf(survey.database);
		const { expertise: _, solved: __, ...some } = chosenAnswers;

		const { status, text } = await visitor().submit(pathOf(survey), { ...some, key: "the-key" });

		expect(status).toBe(422);
		for (const [field, message] of [
			["expertise", "Choose whether it was the right expert"],
			["solved", "Choose whether the problem is solved"],
		]) {
			expect(text).toContain(`<a href="#${field}">${message}</a>`);
			expect(text).toMatch(new RegExp(`id="${field}-error"[^>]*>.*?${message}`));
			expect(text).toMatch(new RegExp(`<input id="${field}" type="radio"`));
		}
		expect(text).not.toContain('href="#satisfaction"');
		expect(text.match(/checked/g)).toHaveLength(3);
		expect(text).toMatch(/name="punctuality" value="2" checked/);
		expect(hiddenIn(text, "key")).toBe("the-key");
		expect(await contentsOf(survey.database)).toEqual(before);
	});

	it.each([
		["an unknown field", { ...chosenAnswers, key: "k", extra: "canary-7Qx" }],
		["a field twice", { ...chosenAnswers, satisfaction: ["1", "5"], key: "k" }],
		["6 of 5", { ...chosenAnswers, satisfaction: "6", key: "k" }],
		["no key", chosenAnswers],
		["a key that is none", { ...chosenAnswers, key: "a b" }],
	])("with %s is shown again, good to be sent, and stores nothing", async (_, fields) => {
		const survey = await givenSurvey();
		const before = await contentsOf(survey.database);

		const { status, text } = await visitor().submit(pathOf(survey), fields);

		expect(status).toBe(422);
		expect(text).not.toContain("canary-7Qx");
		expect(hiddenIn(text, "key")).toMatch(/^\S+$/);
		expect(await contentsOf(survey.database)).toEqual(before);
	});

	it.each<[string, () => Promise<string>]>([
		["nobody has signed", async () => "/surveys/x.y.z"],
		["has expired", async () => pathOf(await givenSurvey({ expiresIn: -1 }))],
	])("whose address %s says that it is closed, whether it is opened or sent", async (_, path) => {
		const address = await path();

		for (const fields of [chosenAnswers, {}]) {
			const sent = await visitor().submit(address, { ...fields, key: "k" });
			expect(sent).toMatchObject({ status: 404, text: expect.stringContaining("This survey is closed") });
		}
		const opened = await visitor().get(address);
		expect(opened).toMatchObject({ status: 404, text: expect.stringContaining("can be answered for 30 days") });
	});

	it("shows an expert's name as text, whatever it is", async () => {
		const survey = await givenSurvey({ expertName: "<script>alert(1)</script>" });

		const { text } = await visitor().get(pathOf(survey));

		expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
		expect(text).not.toContain("<script>");
	});

	it("row 20: takes nothing that another site sends", async () => {
		const survey = await givenSurvey();
		const body = new URLSearchParams({ ...chosenAnswers, key: "k" }).toString();

		for (const headers of [{ origin: "https://evil.test" }, { "sec-fetch-site": "cross-site" }]) {
			expect((await visitor().send(pathOf(survey), body, headers)).status).toBe(403);
		}
		expect(await toldBy(survey)).toEqual([]);
		expect((await visitor().send(pathOf(survey), body)).status).toBe(303); // what the policy of the page lets a browser say
	});
});

describe("the page of a resolved ticket", () => {
	const given = async (customer: Customer, status = "resolved", resolutions = 1) => {
		const { id } = await givenTicket(customer);
		const text = "update tickets set status = ?, resolutions = ? where id = ?";
		await customer.database.prepare(text).bind(status, resolutions, id).run();
		return id;
	};

	it("leads to its survey, whose address is signed, until it is answered; then it says thanks", async () => {
		const ada = await givenCustomer();
		const ticketId = await given(ada);
		const survey = await givenSurvey({ ticketId, customerId: ada.id });
		const signedIn = visitorOf(worker, ada);

		const [, path = ""] = /href="(\/surveys\/[^"]+)"/.exec((await signedIn.get(`/tickets/${ticketId}`)).text) ?? [];
		const key = hiddenIn((await visitor().get(path)).text, "key");
		await visitor().submit(path, { ...chosenAnswers, key });
		const { text } = await signedIn.get(`/tickets/${ticketId}`);

		expect(await toldBy(survey)).toEqual([someAnswers]);
		expect(text).toContain("Thank you for your answers.");
		expect(text).not.toContain("/surveys/");
	});

	it("leads to the survey of the last resolution, the tenth after the ninth", async () => {
		const ada = await givenCustomer();
		const ticketId = await given(ada, "resolved", 10);
		const [ninth, tenth] = [
			await givenSurvey({ ticketId, customerId: ada.id, resolution: 9 }),
			await givenSurvey({ ticketId, customerId: ada.id, resolution: 10 }),
		];

		const [, path = ""] = /href="(\/surveys\/[^"]+)"/.exec((await visitorOf(worker, ada).get(`/tickets/${ticketId}`)).text) ?? [];
		await visitor().submit(path, { ...chosenAnswers, key: "k" });

		expect([await toldBy(ninth), await toldBy(tenth)]).toEqual([[], [someAnswers]]);
		expect((await visitor().get(pathOf(ninth))).status).toBe(200);
	});

	it.each<[string, string, number | undefined]>([
		["is over", "resolved", -1],
		["is not there", "resolved", undefined],
		["is of a ticket that was reopened", "reopened", 1000],
	])("says nothing of a survey that %s", async (_, status, expiresIn) => {
		const ada = await givenCustomer();
		const ticketId = await given(ada, status);
		if (expiresIn !== undefined) await givenSurvey({ ticketId, customerId: ada.id, expiresIn: expiresIn * 1000 });

		const { text } = await visitorOf(worker, ada).get(`/tickets/${ticketId}`);

		expect(text).not.toMatch(/\/surveys\/|How did it go|Thank you/);
	});

	it("row 1: of another customer tells nothing of its survey", async () => {
		const [ada, grace] = [await givenCustomer(), await givenCustomer()];
		const ticketId = await given(ada);
		await givenSurvey({ ticketId, customerId: ada.id });

		const answer = await visitorOf(worker, grace).get(`/tickets/${ticketId}`);

		expect(answer.status).toBe(404);
		expect(answer.text).not.toContain("/surveys/");
	});
});
