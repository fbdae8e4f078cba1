import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { type PaymentRecorded, PaymentRecorded as schema } from "../../shared/events/billing.ts";
import { topology } from "../../shared/events/topology.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { paymentRecorded, somePayment } from "../../shared/testing/facts.ts";
import { newId } from "../../shared/testing/fixtures.ts";
import { readMessage } from "../../shared/testing/forge.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { Random } from "../../shared/testing/random.ts";
import { days } from "../../shared/time.ts";
import { analytics } from "../../workers/analytics/quantum.ts";
import { reportTakings } from "../../workers/analytics/reports/report-takings.ts";

const [goldenPayment = ""] = Object.values(
	import.meta.glob<string>("../../shared/events/golden/PaymentRecorded.v1.jws", {
		query: "?raw",
		import: "default",
		eager: true,
	}),
);
const database = env.ANALYTICS_DB;
const outcomes = schema.entries.outcome.options;

let quanta: Quanta;
beforeEach(() => {
	quanta = createQuanta(topology);
});

/** Another event at each call. */
const message = (payment: PaymentRecorded) => paymentRecorded(quanta.ctx("billing"), payment);
const deliver = async (...messages: readonly (string | Promise<string>)[]) =>
	quanta.deliver(analytics, "facts", await Promise.all(messages));
const forgetInbox = () => database.prepare("delete from inbox").run();
const stored = async () => ({
	payments: await rowsOf(database, "select payment_id, outcome, amount_minor, currency from payments order by payment_id"),
	takings: await rowsOf(database, "select * from takings order by month, currency, outcome"),
});

describe("a payment counts once,", () => {
	it("also when it comes again, in another event, and after the inbox has forgotten it", async () => {
		const payment = somePayment(quanta.now);
		const [first, second] = [await message(payment), await message(payment)];
		await deliver(first);
		const before = await stored();

		await deliver(first, second);
		await forgetInbox();
		await deliver(first, second);

		expect(await stored()).toEqual(before);
		expect(before.takings).toMatchObject([{ outcome: "approved", payments: 1, amount_minor: 1290 }]);
	});

	it("also when two messages tell it differently, in one batch or in two: what is stored is what counts", async () => {
		const payment = somePayment(quanta.now);
		const other = { ...payment, outcome: "declined_hard", amountMinor: 1 } as const;
		await deliver(message(payment), message(other));
		await deliver(message(other));

		const { payments, takings } = await stored();
		expect(payments).toMatchObject([{ outcome: "approved", amount_minor: 1290 }]);
		expect(takings).toMatchObject([{ outcome: "approved", payments: 1, amount_minor: 1290 }]);
	});

	it("also when the database's answer is lost behind the commit", async () => {
		const messages = await Promise.all([1, 2, 3].map(() => message(somePayment(quanta.now))));
		quanta.databases.analytics.answersToLose = 2;

		await deliver(...messages);

		expect((await stored()).takings).toMatchObject([{ payments: 3, amount_minor: 3870 }]);
	});

	it("and its receipt goes to billing", async () => {
		await deliver(message(somePayment(quanta.now)));

		expect(quanta.take("receipts-billing")).toHaveLength(1);
	});
});

describe.each([1, 2, 3, 4])("whatever happens to random payments on their way (seed %i)", (seed) => {
	it("each is stored once, and the report is what they add up to by hand", async () => {
		const random = new Random(seed);
		const payments = Array.from({ length: 60 }, () =>
			somePayment(random.between(Date.UTC(2026, 7, 20), Date.UTC(2026, 9, 30)), {
				paymentId: newId(random.pick(["att", "rfd"]), random.pick(["00", "01"])),
				outcome: random.pick(outcomes),
				amountMinor: random.between(0, 10_000),
				currency: random.pick(["EUR", "USD"]),
			}),
		);
		const queue: string[] = [];
		const put = (text: string) => queue.splice(random.between(0, queue.length + 1), 0, text);
		for (const payment of payments) {
			const text = await message(payment);
			put(text);
			while (random.chance(0.3)) put(random.chance(0.5) ? text : await message(payment));
		}
		while (queue.length > 0) {
			if (random.chance(0.2)) quanta.databases.analytics.answersToLose = 1;
			await deliver(...queue.splice(0, random.between(1, 30)));
			if (random.chance(0.3)) await database.prepare("delete from inbox where id < (select max(id) from inbox)").run();
		}

		expect(new Set((await stored()).payments.map((row) => Object(row).payment_id))).toEqual(
			new Set(payments.map(({ paymentId }) => paymentId)),
		);
		const input = { from: "2026-08", to: "2026-10" };
		const { items } = await reportTakings({ ctx: quanta.ctx("analytics"), input });
		expect(items).toEqual(byHand(payments));
	});
});

/** What the report has to say of these payments, as docs/reports.md defines it. */
function byHand(payments: readonly PaymentRecorded[]) {
	const groups = Map.groupBy(
		payments,
		({ recordedAt, currency }) => `${new Date(recordedAt).toISOString().slice(0, 7)} ${currency}`,
	);
	return [...groups]
		.toSorted(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, group]) => {
			const of = (...wanted: readonly string[]) => {
				const found = group.filter(({ outcome }) => wanted.includes(outcome));
				return { count: found.length, amountMinor: found.reduce((sum, { amountMinor }) => sum + amountMinor, 0) };
			};
			const [month, currency] = name.split(" ");
			const [approved, refunded, declined] = [of("approved"), of("refunded"), of("declined_soft", "declined_hard")];
			return { month, currency, approved, refunded, declined, netMinor: approved.amountMinor - refunded.amountMinor };
		});
}

it("after 24 months a payment is pruned, its month in the report stays, and what still comes of it changes nothing", async () => {
	const [old, kept] = [somePayment(quanta.now - 700 * days), somePayment(quanta.now - 600 * days)];
	await deliver(message(old), message(kept));
	const { takings } = await stored();

	quanta.now += 32 * days;
	await analytics.crons["17 * * * *"]?.(quanta.ctx("analytics"));
	const left = { payments: [{ payment_id: kept.paymentId }], takings };
	expect(await stored()).toMatchObject(left);

	await forgetInbox();
	await deliver(message(old), message(kept));
	expect(await stored()).toMatchObject(left);
	expect(await rowsOf(database, "select verdict from inbox")).toEqual([{ verdict: "accepted" }, { verdict: "accepted" }]);
});

it("what is stored of the golden payment is what it says, and so are its sums", async () => {
	await deliver(goldenPayment.trim());

	const [at, amounts] = [Date.UTC(2026, 10, 2, 12), { amount_minor: 1290, currency: "EUR", outcome: "approved" }];
	expect(await rowsOf(database, "select * from payments")).toEqual([
		{
			payment_id: "att_001g2xbhk9yfv2dw49c1tg86vajh",
			run: expect.any(String),
			...amounts,
			period_from: at - days,
			recorded_at: at,
		},
	]);
	expect(await rowsOf(database, "select * from takings")).toEqual([{ month: "2026-11", payments: 1, ...amounts }]);
});

it("what has no month, behind the year 9999, is rejected, and does not hold up the others", async () => {
	await deliver(message(somePayment(8_640_000_000_000_000)), message(somePayment(quanta.now)));

	expect((await stored()).takings).toMatchObject([{ payments: 1 }]);
	expect(await rowsOf(database, "select source, reason from inbox where verdict = 'rejected'")).toEqual([
		{ source: "billing", reason: "no_such_time" },
	]);
});

it("nothing in the database says whose payments they were", async () => {
	const text = await message(somePayment(quanta.now));
	expect(readMessage(text).event["subject"]).toBeUndefined();
	await deliver(text);

	expect((await stored()).payments).toHaveLength(1);
	expect(JSON.stringify(await contentsOf(database))).not.toMatch(/cus_|customer_?id/i);
});
