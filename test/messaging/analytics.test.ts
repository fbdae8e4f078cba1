import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { topology } from "../../shared/events/topology.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { randomFacts, someAnswers, someClosing, someSurvey, surveySubmitted, ticketClosed } from "../../shared/testing/facts.ts";
import { customerId } from "../../shared/testing/fixtures.ts";
import { readMessage } from "../../shared/testing/forge.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { Random } from "../../shared/testing/random.ts";
import { days } from "../../shared/time.ts";
import { analytics } from "../../workers/analytics/quantum.ts";
import { reportHandling } from "../../workers/analytics/reports/report-handling.ts";
import { reportSatisfaction } from "../../workers/analytics/reports/report-satisfaction.ts";
import { handlingByHand, satisfactionByHand, sumsByHand } from "./facts-by-hand.ts";

const golden = import.meta.glob<string>("../../shared/events/golden/{SurveySubmitted,TicketClosed}.v1.jws", {
	query: "?raw",
	import: "default",
	eager: true,
});
const ada = customerId("00");
const experts = [
	"exp_000aaaaaaaaaaaaaaaaaaaaaaaaa",
	"exp_000bbbbbbbbbbbbbbbbbbbbbbbbb",
	"exp_000ccccccccccccccccccccccccc",
] as const;
const database = env.ANALYTICS_DB;

let quanta: Quanta;
beforeEach(() => {
	quanta = createQuanta(topology);
});

const survey = (...args: Parameters<typeof someSurvey>) => surveySubmitted(quanta.ctx("customer"), someSurvey(...args), ada);
const closing = (...args: Parameters<typeof someClosing>) => ticketClosed(quanta.ctx("sysops"), someClosing(...args));
const deliver = async (...messages: readonly (string | Promise<string>)[]) => {
	const bodies = await Promise.all(messages);
	const of = (type: string) => bodies.filter((body) => readMessage(body).event["type"] === type);
	await quanta.deliver(analytics, "surveys", of("SurveySubmitted"));
	await quanta.deliver(analytics, "facts", of("TicketClosed"));
};
const forgetInbox = () => database.prepare("delete from inbox").run();
const prune = () => analytics.crons["17 * * * *"]?.(quanta.ctx("analytics"));

/** All that reports are made of. */
async function stored() {
	const [contents = {}] = await contentsOf(database);
	const { surveys = [], closings = [], satisfaction = [], handling = [] } = contents;
	return { surveys, closings, satisfaction, handling };
}
const numbers = async () => {
	const { surveys, closings, satisfaction, handling } = await stored();
	const all = (rows: unknown[]) => (rows as { dimension: string }[]).find(({ dimension }) => dimension === "all");
	return { surveys: surveys.length, closings: closings.length, satisfaction: all(satisfaction), handling: all(handling) };
};

describe("a fact counts once,", () => {
	it("also when it comes again, in another event, and after the inbox has forgotten it", async () => {
		const [about, of] = [someSurvey(quanta.now), someClosing(quanta.now)];
		const again = () => [surveySubmitted(quanta.ctx("customer"), about, ada), ticketClosed(quanta.ctx("sysops"), of)];
		const [first, second] = [await Promise.all(again()), await Promise.all(again())];
		await deliver(...first);
		const before = await stored();

		await deliver(...first, ...second);
		await forgetInbox();
		await deliver(...first, ...second);

		expect(await stored()).toEqual(before);
		expect(await numbers()).toMatchObject({ surveys: 1, closings: 1, satisfaction: { answered: 1 }, handling: { resolved: 1 } });
	});

	it("also when two messages in one batch tell it differently: what is stored is what counts", async () => {
		const { surveyId } = someSurvey(0);
		const { ticketId } = someClosing(0);
		const answers = { ...someAnswers, satisfaction: 1 } as const;
		await deliver(survey(quanta.now, { surveyId }), survey(quanta.now, { surveyId, answers }));
		await deliver(closing(quanta.now, { ticketId }), closing(quanta.now, { ticketId, outcome: "cancelled" }));

		const { surveys, closings } = await stored();
		expect([surveys, closings]).toMatchObject([[{ satisfaction: 4 }], [{ outcome: "resolved" }]]);
		expect(await numbers()).toMatchObject({
			satisfaction: { answered: 1, rated_4: 1, rated_1: 0, satisfaction: 4 },
			handling: { resolved: 1, cancelled: 0 },
		});
	});

	it("and each time that a ticket is closed is a fact of its own", async () => {
		const { ticketId } = someClosing(0);
		await deliver(closing(quanta.now, { ticketId }), closing(quanta.now, { ticketId, closing: 2, reworkOf: experts[0] }));

		expect(await numbers()).toMatchObject({ closings: 2, handling: { resolved: 2, reopened: 1 } });
	});

	it("also when the database's answer is lost behind the commit", async () => {
		const messages = await Promise.all([1, 2, 3].map(() => survey(quanta.now)));
		quanta.databases.analytics.answersToLose = 2;

		await deliver(...messages);

		expect(await numbers()).toMatchObject({ surveys: 3, satisfaction: { answered: 3 } });
	});
});

/** In random order, some twice, some in two events, in batches of any size; the inbox forgets, answers get lost. */
async function disturb(random: Random, facts: ReturnType<typeof randomFacts>): Promise<void> {
	const queue: string[] = [];
	const put = (message: string) => queue.splice(random.between(0, queue.length + 1), 0, message);
	const make = [
		...facts.surveys.map((one) => () => surveySubmitted(quanta.ctx("customer"), one, ada)),
		...facts.closings.map((one) => () => ticketClosed(quanta.ctx("sysops"), one)),
	];
	for (const another of make) {
		const message = await another();
		put(message);
		while (random.chance(0.3)) put(random.chance(0.5) ? message : await another());
	}
	while (queue.length > 0) {
		if (random.chance(0.2)) quanta.databases.analytics.answersToLose = 1;
		await deliver(...queue.splice(0, random.between(1, 30)));
		if (random.chance(0.3)) await database.prepare("delete from inbox where id < (select max(id) from inbox)").run();
	}
}

describe.each([1, 2, 3, 4])("whatever happens to random facts on their way (seed %i)", (seed) => {
	it("each is stored once, the sums are those of the distinct facts, and the reports are what is said of them by hand", async () => {
		const random = new Random(seed);
		const time = { from: Date.UTC(2026, 7, 20), to: Date.UTC(2026, 9, 30) };
		const facts = randomFacts(random, { ...time, count: 40, experts });

		await disturb(random, facts);

		const { surveys, closings, satisfaction, handling } = await stored();
		expect(new Set(surveys.map((row) => Object(row).id))).toEqual(new Set(facts.surveys.map(({ surveyId }) => surveyId)));
		expect([surveys.length, closings.length]).toEqual([40, 40]);
		expect({ satisfaction, handling }).toEqual(sumsByHand(facts));

		const ranges = [
			{ from: "2026-09", to: "2026-10" },
			{ from: "2026-09", to: "2026-09" },
			{ from: "2026-08", to: "2026-12" },
		];
		const queries = (["all", "expert", "category", "region"] as const).flatMap((by) => ranges.map((range) => ({ by, ...range })));
		for (const query of queries) {
			const input = { ...query, limit: 100, cursor: "" };
			const ctx = quanta.ctx("analytics");
			const items = [await reportSatisfaction({ ctx, input }), await reportHandling({ ctx, input })].map(
				(report) => report.items,
			);
			expect(items).toEqual([satisfactionByHand(facts.surveys, input), handlingByHand(facts.closings, input)]);
			expect(items.map(({ length }) => length).every((length) => length > 0)).toBe(true);
		}
	});
});

describe("after 24 months", () => {
	it("a fact is pruned, its month in the reports stays, and what still comes of it changes nothing", async () => {
		const [old, kept] = [quanta.now - 700 * days, quanta.now - 600 * days];
		const messages = await Promise.all([survey(old), closing(old), survey(kept), closing(kept)]);
		await deliver(...messages);
		const before = await stored();

		quanta.now += 32 * days;
		await prune();

		const left = { surveys: [{ submitted_at: kept }], closings: [{ closed_at: kept }] };
		const { satisfaction, handling } = before;
		expect(await stored()).toMatchObject({ ...left, satisfaction, handling });

		await forgetInbox();
		const [surveyData, closingData] = messages.map((message) => readMessage(message).event["data"]);
		await deliver(
			surveySubmitted(quanta.ctx("customer"), Object(surveyData), ada),
			ticketClosed(quanta.ctx("sysops"), Object(closingData)),
		);
		expect(await stored()).toMatchObject({ ...left, satisfaction, handling });
		expect(await rowsOf(database, "select verdict from inbox")).toEqual([{ verdict: "accepted" }, { verdict: "accepted" }]);
	});
});

it("what is stored of the golden survey and closing is what they say, and so are their sums", async () => {
	await deliver(...Object.values(golden).map((message) => message.trim()));

	const about = { expert_id: experts[0], category: "television", region: "london" };
	const [at, opened] = [Date.UTC(2026, 10, 2, 12), Date.UTC(2026, 10, 1, 12)];
	const ratings = { satisfaction: 5, expertise: 4, punctuality: 5, friendliness: 5, solved: 1 };
	const times = { opened_at: opened, assigned_at: opened + 400_000, closed_at: at };
	const { surveys, closings, satisfaction, handling } = await stored();
	const run = expect.any(String);
	expect(surveys).toEqual([{ id: "srv_001g2xbhk9yfv2dw49c1tg86vajh_1", run, submitted_at: at, ...about, ...ratings }]);
	const ticket = { ticket_id: "tkt_001g2xbhk9yfv2dw49c1tg86vajh", closing: 1, outcome: "resolved" };
	expect(closings).toEqual([{ ...ticket, run, ...about, ...times, rework_of: null, rejected_by: "[]" }]);
	const month = "2026-11";
	const values = [
		{ dimension: "all", value: "all", month },
		{ dimension: "category", value: "television", month },
		{ dimension: "expert", value: experts[0], month },
		{ dimension: "region", value: "london", month },
	];
	const rated = { answered: 1, rated_1: 0, rated_2: 0, rated_3: 0, rated_4: 0, rated_5: 1 };
	expect(satisfaction).toEqual(values.map((value) => ({ ...value, ...rated, ...ratings })));
	const handled = { resolved: 1, cancelled: 0, assigned: 1, assign_ms: 400_000, resolve_ms: at - opened };
	expect(handling).toEqual(values.map((value) => ({ ...value, ...handled, kept: 1, reopened: 0, rejected: 0 })));
});

it("what has no month, behind the year 9999, is rejected, and does not hold up the others", async () => {
	const never = 8_640_000_000_000_000;
	await deliver(survey(never), survey(quanta.now), closing(never), closing(quanta.now));

	expect(await numbers()).toMatchObject({ surveys: 1, closings: 1, satisfaction: { answered: 1 }, handling: { resolved: 1 } });
	expect(await rowsOf(database, "select source, reason from inbox where verdict = 'rejected' order by source")).toEqual([
		{ source: "customer", reason: "no_such_time" },
		{ source: "sysops", reason: "no_such_time" },
	]);
});

it("nothing in the database says whose tickets and surveys they were", async () => {
	const messages = await Promise.all([survey(quanta.now), closing(quanta.now, { rejectedBy: [...experts] })]);
	expect(readMessage(messages[0]).event["subject"]).toBe(ada);

	await deliver(...messages);

	expect(await numbers()).toMatchObject({ surveys: 1, closings: 1 });
	expect(JSON.stringify(await contentsOf(database))).not.toMatch(/cus_|customer_?id/i);
});
