import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { topology } from "../../shared/events/topology.ts";
import { shardOf } from "../../shared/ids.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { outboxOf } from "../../shared/testing/customers.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId } from "../../shared/testing/fixtures.ts";
import { sentTo, signAs } from "../../shared/testing/forge.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { someAnswers, surveyTokens, ticketResolved } from "../../shared/testing/surveys.ts";
import { days, hours } from "../../shared/time.ts";
import { analytics } from "../../workers/analytics/quantum.ts";
import { customer } from "../../workers/customer/quantum.ts";
import { submitSurvey } from "../../workers/customer/surveys/submit-survey.ts";

let quanta: Quanta;
const ada = customerId("00");
const ticketId = "tkt_001g2xbhk9yfv2dw49c1tg86vajh";

beforeEach(() => {
	quanta = createQuanta(topology);
});

/** sysops says that a ticket is resolved; the token of its survey. */
async function invite(of = ada, ticket = ticketId, resolution = 1): Promise<string> {
	await quanta.deliver(customer, "ticket-updates", [await ticketResolved(of, ticket, { now: quanta.now, resolution })]);
	return surveyTokens.sign({ surveyId: `srv_${ticket.slice(4)}_${resolution}`, expiresAt: quanta.now + 30 * days });
}

const submit = (token: string, idempotencyKey = "one") => {
	const ctx = { ...quanta.ctx("customer"), surveyTokens };
	return submitSurvey({ ctx, input: { token, answers: someAnswers, idempotencyKey } });
};
const toAnalytics = async () => {
	await quanta.settled();
	return quanta.deliver(analytics, "surveys", quanta.take("surveys"));
};
const receipts = () => quanta.deliver(customer, "receipts-customer", quanta.take("receipts-customer"));
const stored = () =>
	rowsOf(env.ANALYTICS_DB, "select id, satisfaction, expertise, punctuality, friendliness, solved from surveys");
const outbox = () => outboxOf({ id: ada, database: env.CUSTOMER_DB_00 });
const row = { id: "srv_001g2xbhk9yfv2dw49c1tg86vajh_1", ...someAnswers, solved: 1 };

/** Everything that is in any table of any database of the customer quantum, as text. */
async function everythingAtCustomer(): Promise<string> {
	const contents = await contentsOf(env.CUSTOMER_DB_00, env.CUSTOMER_DB_01);
	for (const tables of contents) expect(Object.keys(tables)).toEqual(expect.arrayContaining(["surveys", "outbox", "inbox"]));
	return JSON.stringify(contents).replaceAll('\\"', '"');
}
const ofAnswers = [JSON.stringify(someAnswers), ...["answers", ...Object.keys(someAnswers)].map((key) => `"${key}":`)];

describe.each([ada, customerId("01")])("after the receipt nothing of the answers of %s stays", (id) => {
	it("in any table of the customer quantum: only that, and by which request, the survey was answered", async () => {
		const ticket = `tkt_${shardOf(id)}${ticketId.slice(6)}`;
		const token = await invite(id, ticket);
		await submit(token);
		const before = await everythingAtCustomer();
		for (const part of ofAnswers) expect(before).toContain(part);

		await toAnalytics();
		await receipts();

		const after = await everythingAtCustomer();
		for (const part of ofAnswers) expect(after).not.toContain(part);
		expect(after).toContain('"outbox":[]');
		expect(after).not.toContain("SurveySubmitted");
		expect(await stored()).toEqual([{ ...row, id: `srv_${ticket.slice(4)}_1` }]);
		const database = quanta.ctx("customer").databases.get(shardOf(id));
		const survey = await rowsOf(database, "select answered_at, answer_key from surveys");
		expect(survey).toEqual([{ answered_at: quanta.now, answer_key: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
	});
});

describe("a survey is stored once, and not lost,", () => {
	it("when its answer was lost on the way back and the customer sends it again", async () => {
		const token = await invite();
		quanta.databases.customer00.answersToLose = 1;
		await expect(submit(token)).rejects.toThrow("the answer was lost");
		quanta.now += 3 * hours;

		const again = await submit(token);

		expect(again).toEqual({ answeredAt: new Date(quanta.now - 3 * hours).toISOString() });
		expect(await outbox()).toHaveLength(1);
		await relay(quanta.ctx("customer"));
		await toAnalytics();
		await receipts();
		expect(await stored()).toEqual([row]);
		expect(await submit(token)).toEqual(again); // and once more after all is done
		expect(await outbox()).toEqual([]);
	});

	it("when the queue takes nothing at first", async () => {
		const token = await invite();
		quanta.failingQueues.add("surveys");
		await submit(token);
		await toAnalytics();
		expect(await stored()).toEqual([]);

		quanta.failingQueues.clear();
		quanta.now += 15 * 60_000;
		await relay(quanta.ctx("customer"));
		await toAnalytics();
		await receipts();

		expect(await stored()).toEqual([row]);
		expect(await outbox()).toEqual([]);
	});

	it("when it comes twice, and when the surveys of two resolutions come in the other order", async () => {
		const [first, second] = [await invite(), await invite(ada, ticketId, 2)];
		await submit(first);
		await submit(second);
		await quanta.settled();
		const messages = quanta.take("surveys");

		await quanta.deliver(analytics, "surveys", [...messages, ...messages].toReversed());
		await receipts();

		expect(messages).toHaveLength(2);
		expect(await stored()).toEqual([row, { ...row, id: row.id.replace(/_1$/, "_2") }]);
		expect(await outbox()).toEqual([]);
	});
});

it("what analytics can never accept is parked with an alarm; the customer is bothered with nothing", async () => {
	const token = await invite();
	const submitted = await submit(token);
	await env.CUSTOMER_DB_00.prepare("update outbox set event = json_set(event, '$.data.answers.satisfaction', 9)").run();
	quanta.take("surveys");
	quanta.now += 15 * 60_000;
	await relay(quanta.ctx("customer"));

	await toAnalytics();
	await receipts();

	expect(await stored()).toEqual([]);
	expect(await outbox()).toMatchObject([{ type: "SurveySubmitted", parked_reason: "schema", next_attempt_at: null }]);
	expect(quanta.logged("alarm")).toContain("event_parked");
	expect(await submit(token)).toEqual(submitted);
	await expect(submit(token, "another")).rejects.toMatchObject({ code: "survey_answered" });
});

it("a receipt of somebody else than analytics does not lose the answers", async () => {
	await submit(await invite());
	const [event] = await outbox();
	const receipt = { verdict: "accepted", id: event?.event_id, correlationId: "c", traceparent: "t" };
	const body = { ...JSON.parse(event?.event ?? "{}"), type: "EventsReceived", source: "billing", data: { receipts: [receipt] } };
	body.dataschema = "urn:sysops-squad:EventsReceived:1";

	await quanta.deliver(customer, "receipts-customer", [await signAs("billing", body, sentTo("customer", quanta.now))]);

	expect(await outbox()).toHaveLength(1);
});
