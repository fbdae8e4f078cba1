import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newEvent } from "../../../shared/messaging/envelope.ts";
import { bringFromBilling, paymentFailed, paymentRecovered } from "../../../shared/testing/billing-says.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, eventsOf, givenNewcomer } from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { sentTo, signAs } from "../../../shared/testing/forge.ts";
import { somePeriod } from "../../../shared/testing/invoices.ts";
import { neighbour } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);
let ada: Customer;
beforeEach(async () => {
	ada = await givenNewcomer();
});

const nextPeriod = { from: somePeriod.to, to: Date.UTC(2026, 11, 23, 9, 30) };
const bring = (...messages: (string | Promise<string>)[]) => bringFromBilling(worker, ...messages);
const failed = (version: number, change = {}) => paymentFailed(ada.id, { version, ...change });
const recovered = (version: number, change = {}) => paymentRecovered(ada.id, { version, ...change });
/** Of one moment they are in no order. */
const told = async (customer = ada) =>
	(await eventsOf(customer)).map(({ data }) => data).sort((a, b) => (String(a["template"]) < String(b["template"]) ? -1 : 1));
const templates = async () => (await told()).map(({ template }) => template);
const stored = (customer = ada) =>
	rowsOf(
		customer.database,
		"select state, version, reason, next_attempt_at from payments where customer_id = ? order by from_at",
		customer.id,
	);

describe("a period that could not be charged", () => {
	it("is stored, and told by e-mail, whatever the profile says of tickets", async () => {
		const nextAttemptAt = Date.UTC(2026, 9, 27);
		await ada.database
			.prepare("update profiles set notify_by_email = 0, language = 'de' where customer_id = ?")
			.bind(ada.id)
			.run();

		const { explicitAcks } = await bring(failed(4, { nextAttemptAt }));

		expect(explicitAcks).toHaveLength(1);
		expect(await stored()).toEqual([
			{ state: "failed", version: 4, reason: "insufficient_funds", next_attempt_at: nextAttemptAt },
		]);
		expect(await told()).toEqual([
			{
				notificationId: expect.stringMatching(/^ntf_00/),
				channel: "email",
				recipient: "ada@customer.example",
				language: "de",
				template: "payment_failed",
				values: {
					periodFrom: somePeriod.from,
					periodTo: somePeriod.to,
					amountMinor: 1190,
					currency: "EUR",
					reason: "insufficient_funds",
					nextAttemptAt,
				},
				expiresAt: expect.any(Number),
			},
		]);
	});

	it("is told each time that it fails again, and another period by itself", async () => {
		await bring(failed(4));
		await bring(failed(5, { nextAttemptAt: null }), failed(3, { period: nextPeriod, reason: "no_card", nextAttemptAt: null }));

		expect(await stored()).toMatchObject([
			{ version: 5, next_attempt_at: null },
			{ version: 3, reason: "no_card" },
		]);
		expect(await templates()).toEqual(["payment_failed", "payment_failed", "payment_failed"]);
	});

	it("is told once by what comes twice, in one batch or two, and after the inbox has forgotten it", async () => {
		const message = await failed(4);
		await bring(message, message, failed(4));
		await bring(message, failed(4));
		await ada.database.prepare("delete from inbox").run();
		await bring(message);

		expect(await stored()).toMatchObject([{ version: 4 }]);
		expect(await templates()).toEqual(["payment_failed"]);
	});

	it("is what its highest version says, of several in a batch and of one that comes late", async () => {
		await bring(failed(6, { reason: "card_expired" }), failed(5), failed(4));
		await bring(failed(5, { reason: "no_card" }));

		expect(await stored()).toMatchObject([{ version: 6, reason: "card_expired" }]);
		expect(await told()).toMatchObject([{ values: { reason: "card_expired" } }]);
	});

	it("is stored, and told to nobody, while there is no address", async () => {
		await ada.database.prepare("update profiles set email = '' where customer_id = ?").bind(ada.id).run();

		await bring(failed(4));

		expect(await stored()).toMatchObject([{ state: "failed" }]);
		expect(await told()).toEqual([]);
	});
});

describe("a period that is paid after all", () => {
	it("is told when its failure was", async () => {
		await bring(failed(4));
		await bring(recovered(5));

		expect(await stored()).toEqual([{ state: "recovered", version: 5, reason: null, next_attempt_at: null }]);
		expect(await told()).toMatchObject([
			{ template: "payment_failed" },
			{ template: "payment_recovered", values: { amountMinor: 1190, reason: null, nextAttemptAt: null } },
		]);
	});

	it("is told once, whatever says it again", async () => {
		const message = await recovered(5);
		await bring(failed(4));
		await bring(message, message, recovered(5));
		await bring(message, recovered(6));
		await ada.database.prepare("delete from inbox").run();
		await bring(message);

		expect(await stored()).toMatchObject([{ state: "recovered", version: 6 }]);
		expect(await templates()).toEqual(["payment_failed", "payment_recovered"]);
	});

	it("whose failure comes late stays paid, and nobody is told anything", async () => {
		await bring(recovered(5));
		await bring(failed(4));

		expect(await stored()).toMatchObject([{ state: "recovered", version: 5 }]);
		expect(await told()).toEqual([]);
	});

	it("whose failure comes in the same batch is not told either", async () => {
		await bring(failed(4), recovered(5));

		expect(await stored()).toMatchObject([{ state: "recovered", version: 5 }]);
		expect(await told()).toEqual([]);
	});

	it("before it has failed again, as versions have it, is not paid, and told by its failure only", async () => {
		await bring(recovered(5), failed(6));
		await bring(recovered(5));

		expect(await stored()).toMatchObject([{ state: "failed", version: 6 }]);
		expect(await templates()).toEqual(["payment_failed"]);
	});

	it("leaves what is known of the next one as it is", async () => {
		await bring(failed(4), failed(4, { period: nextPeriod }));
		await bring(recovered(5));

		expect(await stored()).toMatchObject([{ state: "recovered" }, { state: "failed" }]);
	});
});

describe("nothing is stored and nobody is told", () => {
	it.each(["sysops", "customer", "notification", "analytics"] as const)("of what %s has sent: it may not say so", async (who) => {
		const data = { period: somePeriod, amountMinor: 1, currency: "EUR", reason: "no_card", nextAttemptAt: null, failedAt: 1 };
		const event = newEvent({ ...neighbour("billing"), worker: who }, "00", {
			type: "PaymentFailed",
			subject: ada.id,
			version: 9,
			data,
		});

		await bring(signAs(who, event, sentTo("customer", Date.now())));
		await bring(signAs(who, { ...event, source: "billing" }, sentTo("customer", Date.now())));

		expect([await stored(), await told()]).toEqual([[], []]);
	});

	it("without a version", async () => {
		const data = { period: somePeriod, amountMinor: 1, currency: "EUR", recoveredAt: 1 };
		const event = newEvent(neighbour("billing"), "00", { type: "PaymentRecovered", subject: ada.id, data });

		await bring(signAs("billing", event, sentTo("customer", Date.now())));

		expect(await stored()).toEqual([]);
		expect(await rowsOf(ada.database, "select reason from inbox where id = ?", event.id)).toEqual([{ reason: "schema" }]);
	});

	it("row 35: of a customer who was erased", async () => {
		await ada.database
			.prepare("insert into erased_customers (customer_id, erased_at) values (?, ?)")
			.bind(ada.id, Date.now())
			.run();

		await bring(failed(4), recovered(5));

		expect([await stored(), await told()]).toEqual([[], []]);
	});

	it("of another customer's period of the same time", async () => {
		const eve = await givenNewcomer("eve@customer.example");
		await bring(failed(4));
		const before = await contentsOf(eve.database);

		await bring(paymentRecovered(eve.id, { version: 5 }));

		expect(await stored()).toMatchObject([{ state: "failed", version: 4 }]);
		const payments = (contents: typeof before) => contents.flatMap((tables) => tables["payments"] ?? []).length;
		expect(payments(await contentsOf(eve.database))).toBe(payments(before) + 1);
	});
});
