import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { CardHolder, cardRejected, cardVerified, someDisplay } from "../../../shared/testing/card-holder.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { eventsOf, givenNewcomer, outboxOf } from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { sentTo, signAs } from "../../../shared/testing/forge.ts";
import { batchOf, neighbour, receiptsFrom } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days } from "../../../shared/time.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);
let ada: CardHolder;
let id: string;
beforeEach(async () => {
	ada = new CardHolder(worker, await givenNewcomer());
	id = (await ada.givenCard()).id;
});

const told = async () =>
	(await eventsOf(ada.customer)).filter(({ type }) => type === "NotificationRequested").map(({ data }) => data);
const stateOf = async (cardId = id) => {
	const row = await ada.row(cardId);
	return row && { state: row["state"], reason: row["reason"] };
};
const verdicts = async () =>
	rowsOf<{ verdict: string; reason: string | null }>(
		ada.customer.database,
		"select verdict, reason from inbox where source = 'billing' order by received_at desc limit 1",
	);
const verified = (change = {}, subject = ada.customer.id) => cardVerified(subject, id, change);
const rejected = (change = {}, subject = ada.customer.id) => cardRejected(subject, id, change);

describe("a card that billing has verified", () => {
	it("is shown so, and the customer is told by e-mail, whatever the profile says of tickets", async () => {
		await ada.customer.database
			.prepare(
				"update profiles set notify_by_email = 0, notify_by_sms = 1, phone = '+49 30 5550100', language = 'de' where customer_id = ?",
			)
			.bind(ada.customer.id)
			.run();
		const verifiedAt = Date.now() + 5;

		const { explicitAcks } = await ada.bring(verified({ verifiedAt }));

		expect(explicitAcks).toHaveLength(1);
		expect(await ada.list()).toMatchObject([
			{ id, state: "verified", reason: null, ...someDisplay, changedAt: new Date(verifiedAt).toISOString() },
		]);
		expect(await ada.row(id)).toMatchObject({ prunable_at: null });
		expect(await told()).toEqual([
			{
				notificationId: expect.stringMatching(/^ntf_00/),
				channel: "email",
				recipient: "ada@customer.example",
				language: "de",
				template: "card_verified",
				values: { cardId: id, ...someDisplay, reason: null },
				expiresAt: expect.any(Number),
			},
		]);
	});

	it("is told to nobody who has no address", async () => {
		await ada.customer.database.prepare("update profiles set email = '' where customer_id = ?").bind(ada.customer.id).run();

		await ada.bring(verified());

		expect(await stateOf()).toMatchObject({ state: "verified" });
		expect(await told()).toEqual([]);
	});

	it("said twice, in one batch or two, is told once", async () => {
		const [first, second] = [await verified(), await verified()];

		await ada.bring(first, second);
		await ada.bring(first, second, verified());

		expect(await stateOf()).toEqual({ state: "verified", reason: null });
		expect(await told()).toHaveLength(1);
	});

	it("is not told again by the message that told it, when the inbox has forgotten it", async () => {
		const message = await verified();
		await ada.bring(message);
		await ada.customer.database.prepare("delete from inbox").run();

		await ada.bring(message);

		expect(await told()).toHaveLength(1);
	});

	it("stays so, whatever is said of it afterwards", async () => {
		await ada.bring(verified());
		await ada.bring(rejected());

		expect(await stateOf()).toEqual({ state: "verified", reason: null });
		expect(await told()).toHaveLength(1);
	});

	it("is shown again where the shard was put back to before it was submitted", async () => {
		const { cardId } = await ada.givenIntent();

		await ada.bring(cardVerified(ada.customer.id, cardId));

		expect((await ada.list()).find((card) => card.id === cardId)).toMatchObject({ state: "verified", ...someDisplay });
		expect(await told()).toMatchObject([{ template: "card_verified", values: { cardId } }]);
	});
});

describe("a card that billing has rejected", () => {
	it.each(["luhn", "binding", "key_retired", "declined"] as const)("is shown and told with its reason (%s)", async (reason) => {
		const rejectedAt = Date.now() + 5;
		const before = Date.now();

		await ada.bring(rejected({ reason, rejectedAt }));

		expect(await ada.list()).toMatchObject([
			{ id, state: "rejected", reason, ...someDisplay, changedAt: new Date(rejectedAt).toISOString() },
		]);
		expect(Number((await ada.row(id))?.["prunable_at"])).toBeGreaterThanOrEqual(before + 90 * days);
		expect(await told()).toMatchObject([{ template: "card_rejected", values: { cardId: id, ...someDisplay, reason } }]);
	});

	it("stays so: one final verdict, whatever is said of it afterwards, in whatever order, and told once", async () => {
		await ada.bring(rejected(), rejected({ reason: "luhn" }));
		const first = await stateOf();
		await ada.bring(verified(), rejected({ reason: "brand" }));

		expect(["expired", "luhn"]).toContain(first?.reason);
		expect(await stateOf()).toEqual(first);
		expect(await told()).toMatchObject([{ values: { reason: first?.reason } }]);
	});

	it("in one batch with the other verdict has one of them, and is told that one", async () => {
		await ada.bring(rejected(), verified());

		const state = (await stateOf())?.state;
		expect(await told()).toMatchObject([{ template: `card_${state}` }]);
	});
});

describe("cards that another one takes the place of", () => {
	it("are removed with the reason `replaced`, whatever they were, and nothing is said of them to anybody", async () => {
		const [old, waiting] = [await ada.givenVerified(), await ada.givenCard()];
		const refused = await ada.givenCard();
		await ada.bring(cardRejected(ada.customer.id, refused.id));
		const before = await outboxOf(ada.customer);

		await ada.bring(verified({ replaces: [old.id, waiting.id, refused.id] }));

		for (const card of [old, waiting, refused]) {
			expect(await stateOf(card.id)).toEqual({ state: "removed", reason: "replaced" });
			expect(Number((await ada.row(card.id))?.["prunable_at"])).toBeGreaterThan(Date.now() + 89 * days);
		}
		expect(await ada.list()).toMatchObject([{ id, state: "verified" }]);
		expect((await outboxOf(ada.customer)).length).toBe(before.length + 1);
	});

	it("may be named when it is said again, and stay removed when their own verdict comes later", async () => {
		const old = await ada.givenCard();
		await ada.bring(verified());
		await ada.bring(verified({ replaces: [old.id] }));
		await ada.bring(cardVerified(ada.customer.id, old.id));

		expect(await stateOf(old.id)).toEqual({ state: "removed", reason: "replaced" });
		expect(await told()).toHaveLength(1);
	});

	it("stay as they were when the customer removed them before", async () => {
		const old = await ada.givenVerified();
		await ada.remove(old.id);
		const before = await ada.row(old.id);

		await ada.bring(verified({ replaces: [old.id, newId("crd", "00")] }));

		expect(await ada.row(old.id)).toEqual(before);
	});

	it("are replaced also by one that was removed meanwhile: they are charged no more", async () => {
		const old = await ada.givenVerified();
		await ada.remove(id);

		await ada.bring(verified({ replaces: [old.id] }));

		expect(await stateOf(id)).toEqual({ state: "removed", reason: null });
		expect(await stateOf(old.id)).toEqual({ state: "removed", reason: "replaced" });
	});

	it("are never another customer's", async () => {
		const eve = new CardHolder(worker, await givenNewcomer("eve@customer.example"));
		const theirs = await eve.givenVerified();

		await ada.bring(verified({ replaces: [theirs.id] }));

		expect(await eve.list()).toEqual([theirs]);
	});
});

describe("a verdict changes nothing and tells nobody", () => {
	it.each(["verified", "rejected"] as const)("about a card that the customer has removed (%s)", async (verdict) => {
		await ada.remove(id);
		const before = await ada.row(id);

		await ada.bring(verdict === "verified" ? verified() : rejected());

		expect(await ada.row(id)).toEqual(before);
		expect(await told()).toEqual([]);
		expect(await verdicts()).toMatchObject([{ verdict: "accepted" }]);
	});

	it("about a card that is not known: it is accepted", async () => {
		const unknown = newId("crd", "00");

		await ada.bring(cardVerified(ada.customer.id, unknown));
		await ada.bring(cardRejected(ada.customer.id, unknown));

		expect(await ada.row(unknown)).toBeUndefined();
		expect(await told()).toEqual([]);
		expect(await verdicts()).toMatchObject([{ verdict: "accepted" }]);
	});

	it("that rejects an intent: it was not submitted", async () => {
		const { cardId } = await ada.givenIntent();

		await ada.bring(cardRejected(ada.customer.id, cardId));

		expect(await stateOf(cardId)).toEqual({ state: "open", reason: null });
		expect(await told()).toEqual([]);
	});

	it.each([cardVerified, cardRejected])("about another customer's card: it is rejected", async (verdict) => {
		const eve = new CardHolder(worker, await givenNewcomer("eve@customer.example"));

		const before = await ada.row(id);
		await ada.bring(verdict(eve.customer.id, id));

		expect(await ada.row(id)).toEqual(before);
		expect([await told(), await outboxOf(eve.customer)]).toEqual([[], []]);
		expect(await verdicts()).toMatchObject([{ verdict: "rejected", reason: "other_customer" }]);
	});

	it.each(["sysops", "customer", "notification", "analytics"] as const)("that %s has sent: it may not say so", async (who) => {
		const source = neighbour("billing");
		const data = { cardId: id, ...someDisplay, verifiedAt: Date.now(), replaces: [] };
		const event = newEvent({ ...source, worker: who }, "00", { type: "CardVerified", subject: ada.customer.id, data });

		await ada.bring(signAs(who, event, sentTo("customer", Date.now())));
		await ada.bring(signAs(who, { ...event, source: "billing" }, sentTo("customer", Date.now())));

		expect(await stateOf()).toMatchObject({ state: "submitted" });
		expect(await told()).toEqual([]);
	});

	it("about a customer who was erased", async () => {
		await ada.customer.database
			.prepare("insert into erased_customers (customer_id, erased_at) values (?, ?)")
			.bind(ada.customer.id, Date.now())
			.run();

		await ada.bring(verified());

		expect(await stateOf()).toMatchObject({ state: "submitted" });
		expect(await told()).toEqual([]);
	});
});

describe("row 33: a receipt of a submission", () => {
	const deliver = async (message: string) => {
		const log = vi.spyOn(console, "log").mockImplementation(() => {});
		const execution = createExecutionContext();
		await worker.queue(batchOf("receipts-customer", [message]), env, execution);
		await waitOnExecutionContext(execution);
		const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as { level: string });
		log.mockRestore();
		return lines.filter(({ level }) => level === "alarm");
	};

	it("by billing takes it out of the outbox, and the card waits for its verdict", async () => {
		const [event] = await outboxOf(ada.customer);

		expect(await deliver(await receiptsFrom(neighbour("billing"), [event?.event_id ?? ""]))).toEqual([]);

		expect(await outboxOf(ada.customer)).toEqual([]);
		expect(await stateOf()).toMatchObject({ state: "submitted" });
	});

	it.each(["sysops", "analytics", "notification"] as const)(
		"by %s, who is no destination, is ignored with an alarm",
		async (who) => {
			const [event] = await outboxOf(ada.customer);
			const before = await contentsOf(ada.customer.database);

			const alarms = await deliver(await receiptsFrom(neighbour(who), [event?.event_id ?? ""]));

			expect(alarms).toHaveLength(1);
			const after = await contentsOf(ada.customer.database);
			const durable = (contents: Record<string, unknown[]>[]) => contents.map(({ outbox, cards }) => ({ outbox, cards }));
			expect(durable(after)).toEqual(durable(before));
		},
	);
});
