import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../shared/context.ts";
import { shardedDatabases } from "../../../shared/databases.ts";
import { Invoice } from "../../../shared/events/billing.ts";
import { observe, rowsOf } from "../../../shared/testing/database.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { givenPaid, givenRefund, RefundingProvider, someInvoice, someSeller } from "../../../shared/testing/refunds.ts";
import { hours, minutes } from "../../../shared/time.ts";
import { type BillingCtx, billingCtx } from "../context.ts";
import worker from "../index.ts";
import { termsOf } from "../invoices/terms.ts";
import { paymentCron } from "../payments/schedule.ts";
import type { PaymentProvider } from "../provider/provider.ts";
import { settleRefunds } from "./settle.ts";
import { workRefunds } from "./work-refunds.ts";

beforeAll(migrateDatabases);
let now: number;
let provider: RefundingProvider;
let ensured: string[];
let alarms: string[];
beforeEach(async () => {
	now = Date.UTC(2026, 10, 2, 12);
	provider = new RefundingProvider();
	[ensured, alarms] = [[], []];
	for (const database of [env.BILLING_DB_00, env.BILLING_DB_01]) {
		const tables = ["refunds", "attempts", "invoices", "deliveries", "series", "outbox"];
		await database.batch(tables.map((table) => database.prepare(`delete from ${table}`)));
	}
});

const nobody = async (): Promise<never> => Promise.reject(new Error("not asked for here"));

function ctxWith(ports: Partial<BillingCtx> = {}): BillingCtx {
	const refund: PaymentProvider["refund"] = (asked) => provider.refund(asked);
	const findRefund: PaymentProvider["findRefund"] = (asked) => provider.findRefund(asked);
	return Object.assign(billingCtx(env, createExecutionContext()), {
		now: () => now,
		payments: { register: nobody, charge: nobody, findCharge: nobody, refund, findRefund },
		terms: { chargeDelay: 0, lease: 15 * minutes, seller: someSeller, taxRates: {} },
		deliveries: {
			ensure: async (invoiceId: string) => {
				ensured.push(invoiceId);
			},
			delivered: nobody,
		},
		log: { info() {}, warn() {}, alarm: (message: string) => void alarms.push(message) },
		...ports,
	});
}
const work = (ports?: Partial<BillingCtx>) => workRefunds(ctxWith(ports));
/** All that a day of Cron runs does. */
async function later(span: number, step = 1 * hours): Promise<void> {
	for (const until = now + span; now < until; ) {
		now += step;
		await work();
	}
}
const databases = (one: Database, other: Database) =>
	shardedDatabases(
		new Map([
			["00", one],
			["01", other],
		]),
	);

const refundsIn = (database: D1Database = env.BILLING_DB_00) =>
	rowsOf<{ refund_id: string; state: string; look_at: number | null; refund_ref: string | null; refusals: number }>(
		database,
		"select * from refunds order by refund_id",
	);
const stateOf = async (refundId: string) => (await refundsIn()).find(({ refund_id }) => refund_id === refundId)?.state;
const notes = async (database: D1Database = env.BILLING_DB_00) => {
	const rows = await rowsOf<{ document: string }>(
		database,
		"select document from invoices where kind = 'credit_note' order by number",
	);
	return rows.map(({ document }) => v.parse(Invoice, JSON.parse(document)));
};
const recorded = async (database: D1Database = env.BILLING_DB_00) => {
	const text = "select event from outbox where type = 'PaymentRecorded' order by event_id";
	return (await rowsOf<{ event: string }>(database, text)).map(({ event }) => JSON.parse(event));
};

/** One refund at the provider, one credit note, one fact, whatever happened on the way. */
async function expectOneOf(refundId: string): Promise<void> {
	expect(await stateOf(refundId)).toBe("refunded");
	expect(provider.given()).toHaveLength(1);
	expect((await notes()).map(({ invoiceId }) => invoiceId)).toEqual([`inv_${refundId.slice(4)}`]);
	expect((await recorded()).map(({ data }) => data.paymentId)).toEqual([refundId]);
	expect(await rowsOf(env.BILLING_DB_00, "select invoice_id from deliveries")).toEqual([
		{ invoice_id: `inv_${refundId.slice(4)}` },
	]);
}

describe("a refund that is due", () => {
	it.each(["00", "01"] as const)(
		"is given back, with a credit note on its way to the customer and a fact (shard %s)",
		async (shard) => {
			const database = shard === "00" ? env.BILLING_DB_00 : env.BILLING_DB_01;
			const paid = await givenPaid(database, shard);
			const reason = `<b>The television</b> was "never" ours & 📺`;
			const more = { net_minor: 500, tax_minor: 95, reason, requested_at: now, look_at: now };
			const refundId = await givenRefund(database, paid, more);

			await work();

			const asked = { refundId, chargeRef: `charge of ${paid.attemptId}`, amountMinor: 595, currency: "EUR", startedAt: now };
			expect(provider.ledger).toEqual([{ ...asked, outcome: "refunded" }]);
			expect(provider.calls).toEqual([`look up ${refundId}`, `refund ${refundId}`]);
			expect(await refundsIn(database)).toMatchObject([
				{ state: "refunded", look_at: null, settled_at: now, refund_ref: "refund 0", refusals: 0 },
			]);
			const noteId = `inv_${refundId.slice(4)}`;
			const line = { kind: "refund", text: reason, period: paid.invoice.period, amountMinor: 500 };
			expect(await notes(database)).toEqual([
				{
					...paid.invoice,
					invoiceId: noteId,
					kind: "credit_note",
					number: `CRN-${shard}-000001`,
					issuedAt: now,
					lines: [line],
					netMinor: 500,
					tax: { region: "south", basisPoints: 1900, amountMinor: 95 },
					totalMinor: 595,
					corrects: { invoiceId: paid.invoiceId, number: paid.invoice.number },
				},
			]);
			expect(ensured).toEqual([noteId]);
			const [event] = await recorded(database);
			expect(event).not.toHaveProperty("subject");
			expect(event.data).toEqual({
				paymentId: refundId,
				outcome: "refunded",
				amountMinor: 595,
				currency: "EUR",
				period: paid.invoice.period,
				recordedAt: now,
			});
		},
	);

	it("is left alone until it is looked at, and never asked for again when it is done", async () => {
		const refundId = await givenRefund(env.BILLING_DB_00, await givenPaid(env.BILLING_DB_00, "00"), {
			requested_at: now,
			look_at: now + 1,
		});
		await work();
		expect(provider.calls).toEqual([]);
		now += 1;
		await work();
		await later(48 * hours);
		await expectOneOf(refundId);
		expect(provider.calls).toEqual([`look up ${refundId}`, `refund ${refundId}`]);
	});

	it.each([
		["asked for", 23 * hours],
		["found to be owed anew", 0],
	])("that a database which was put back does not know of is found, and not given back again: %s", async (_, before) => {
		const paid = await givenPaid(env.BILLING_DB_00, "00");
		const refundId = await givenRefund(env.BILLING_DB_00, paid, { requested_at: now - before });
		provider.ledger.push({ refundId, chargeRef: "", amountMinor: 1190, currency: "EUR", startedAt: 0, outcome: "refunded" });
		await work();
		await expectOneOf(refundId);
		expect(provider.calls).toEqual([`look up ${refundId}`]);
	});

	it("is found among many of all shards, within a budget", async () => {
		for (const [database, shard] of [
			[env.BILLING_DB_00, "00"],
			[env.BILLING_DB_01, "01"],
		] as const) {
			for (let i = 0; i < 25; i++) {
				const paid = await givenPaid(database, shard, { number: i + 1 });
				await givenRefund(database, paid, { requested_at: now, look_at: now - i });
			}
		}
		await workRefunds(ctxWith(), { budget: 30 });
		expect(provider.given()).toHaveLength(30);
		await work();
		expect(provider.given()).toHaveLength(50);
		expect((await notes(env.BILLING_DB_01)).map(({ number }) => number)).toEqual(
			Array.from({ length: 25 }, (_, i) => `CRN-01-${String(i + 1).padStart(6, "0")}`),
		);
	});
});

describe("one refund and one credit note, although", () => {
	let refundId: string;
	beforeEach(async () => {
		refundId = await givenRefund(env.BILLING_DB_00, await givenPaid(env.BILLING_DB_00, "00"), {
			requested_at: now,
			look_at: now,
		});
	});

	it("two runs come at once", async () => {
		await Promise.all([work(), work(), work()]);
		await expectOneOf(refundId);
		expect(provider.calls).toEqual([`look up ${refundId}`, `refund ${refundId}`]);
	});

	it("a run is overtaken while the provider takes its time", async () => {
		let arrived = () => {};
		const waiting = new Promise<void>((resolve) => (arrived = resolve));
		let release = () => {};
		const held = new Promise<void>((resolve) => (release = resolve));
		provider.before = () => {
			if (provider.calls.length !== 2) return undefined; // it is not there: it is asked for
			arrived();
			return held;
		};
		const slow = work();
		await waiting;
		now += 15 * minutes;
		await work();
		await expectOneOf(refundId);
		release();
		await slow;
		await expectOneOf(refundId);
	});

	it("the answer is lost", async () => {
		provider.mood = () => "lost";
		await work();
		expect(await stateOf(refundId)).toBe("unknown");
		provider.mood = () => "refunded";
		await later(2 * hours);
		await expectOneOf(refundId);
	});

	it("the answer is lost, and the provider does not find it for a day", async () => {
		provider.mood = () => "lost";
		await work();
		provider.mood = () => "refunded";
		provider.hidden = true;
		await later(12 * hours);
		expect(provider.given()).toHaveLength(1);
		await expectOneOf(refundId);
	});

	it("a run dies after it has taken it", async () => {
		const dying = observe(env.BILLING_DB_00);
		dying.answersToLose = 1;
		await expect(work({ databases: databases(dying, env.BILLING_DB_01) })).rejects.toThrow();
		expect(provider.calls).toEqual([]);
		await later(2 * hours);
		await expectOneOf(refundId);
	});

	it("a run dies after it has written everything down", async () => {
		const batch: Database["batch"] = async (statements) => {
			await env.BILLING_DB_00.batch(statements);
			throw new Error("the Worker died");
		};
		const one: Database = { prepare: (text) => env.BILLING_DB_00.prepare(text), batch };
		await expect(work({ databases: databases(one, env.BILLING_DB_01) })).rejects.toThrow();
		await expectOneOf(refundId);
		await later(7 * hours);
		await expectOneOf(refundId);
	});

	it("D1 takes nothing after the provider was asked", async () => {
		const one = { prepare: (text: string) => env.BILLING_DB_00.prepare(text), batch: nobody };
		await expect(work({ databases: databases(one, env.BILLING_DB_01) })).rejects.toThrow();
		expect(provider.given()).toHaveLength(1);
		expect(await notes()).toEqual([]);
		await later(2 * hours);
		await expectOneOf(refundId);
	});

	it("the objects cannot be reached: the sweeper has its delivery", async () => {
		await work({ deliveries: { ensure: nobody, delivered: nobody } });
		await expectOneOf(refundId);
	});

	it("the provider is down for two days, and then still knows nothing of it", async () => {
		provider.mood = () => "down";
		await later(48 * hours);
		expect(await stateOf(refundId)).toBe("unknown");
		provider.mood = () => "refunded";
		// too late to repeat it: once missing it waits, missing twice it is asked anew
		provider.calls.length = 0;
		await later(6 * hours);
		expect(provider.calls).toEqual([`look up ${refundId}`]);
		expect(alarms).toEqual(["refund_missing"]);
		expect(provider.given()).toEqual([]);
		await later(6 * hours);
		await expectOneOf(refundId);
	});

	it("it was missing once and is found at the second look", async () => {
		provider.mood = () => "lost";
		await work();
		provider.mood = () => "down";
		await later(48 * hours);
		[provider.mood, provider.hidden] = [() => "refunded", true];
		provider.forgetKeys();
		await later(6 * hours);
		expect(alarms).toEqual(["refund_missing"]);
		provider.hidden = false;
		await later(6 * hours);
		await expectOneOf(refundId);
	});

	it("a run that was held up wants to ask anew after another one has", async () => {
		provider.mood = () => "down";
		await later(48 * hours);
		provider.mood = () => "refunded";
		await later(6 * hours);
		expect(alarms).toEqual(["refund_missing"]);
		await env.BILLING_DB_00.prepare("update refunds set look_at = ?").bind(now).run();
		let arrived = () => {};
		const waiting = new Promise<void>((resolve) => (arrived = resolve));
		let release = () => {};
		const held = new Promise<void>((resolve) => (release = resolve));
		provider.calls.length = 0;
		provider.before = () => {
			arrived();
			return provider.calls.length === 1 ? held : undefined;
		};
		const slow = work();
		await waiting;
		now += 15 * minutes;
		await work();
		await expectOneOf(refundId);
		provider.hidden = true;
		provider.forgetKeys();
		release();
		await slow;
		await expectOneOf(refundId);
	});

	it("a run that was held up wants to ask anew after another one has, and has lost the answer", async () => {
		provider.mood = () => "down";
		await later(48 * hours);
		provider.mood = () => "lost";
		await later(6 * hours);
		await env.BILLING_DB_00.prepare("update refunds set look_at = ?").bind(now).run();
		let once = true;
		provider.calls.length = 0;
		provider.before = async () => {
			if (!once) return;
			once = false;
			now += 15 * minutes;
			await work();
			provider.hidden = true;
		};

		await work();

		expect(provider.calls).toEqual([`look up ${refundId}`, `look up ${refundId}`, `refund ${refundId}`]);
	});

	it("the Worker dies when it asks anew: from then on the key counts again", async () => {
		provider.mood = () => "down";
		await later(48 * hours);
		provider.mood = () => "refunded";
		await later(6 * hours);
		provider.mood = () => "lost";
		await later(6 * hours);
		provider.mood = () => "refunded";
		provider.hidden = true;
		await later(6 * hours);
		await expectOneOf(refundId);
	});
});

describe("a provider that", () => {
	let refundId: string;
	let paid: Awaited<ReturnType<typeof givenPaid>>;
	beforeEach(async () => {
		paid = await givenPaid(env.BILLING_DB_00, "00");
		refundId = await givenRefund(env.BILLING_DB_00, paid, { requested_at: now, look_at: now });
	});

	it("refuses, since the card is closed, gives nothing back: failed, with an alarm and no credit note", async () => {
		provider.mood = () => "refused";
		await work();
		expect(await refundsIn()).toMatchObject([{ state: "failed", look_at: null, refusals: 1, settled_at: now }]);
		expect(alarms).toEqual(["refund_failed"]);
		await later(24 * hours);
		expect(provider.calls).toEqual([`look up ${refundId}`, `refund ${refundId}`]);
		expect([await notes(), await recorded(), ensured]).toEqual([[], [], []]);
	});

	it("does not know yet is looked up until it does, ever more rarely", async () => {
		provider.mood = () => "pending";
		await work();
		await later(72 * hours);
		expect(await stateOf(refundId)).toBe("unknown");
		expect(provider.calls.length).toBeLessThan(24);
		const [entry] = provider.ledger;
		if (entry) entry.outcome = "refunded";
		await later(6 * hours);
		await expectOneOf(refundId);
		expect(alarms).toEqual([]);
	});

	it("answers a request of before a retry settles nothing of after it", async () => {
		provider.mood = () => "refused";
		let arrived = () => {};
		const waiting = new Promise<void>((resolve) => (arrived = resolve));
		let release = () => {};
		const held = new Promise<void>((resolve) => (release = resolve));
		provider.before = () => {
			if (provider.calls.length !== 2) return undefined; // it is not there: it is asked for
			arrived();
			return held;
		};
		const slow = work();
		await waiting;
		now += 15 * minutes;
		await work();
		expect(await stateOf(refundId)).toBe("failed");
		// as `POST refunds/{id}/retry` leaves it
		await env.BILLING_DB_00.prepare("update refunds set state = 'due', look_at = ?, lookups = 0, started_at = null")
			.bind(now)
			.run();
		release();
		await slow;
		expect(await stateOf(refundId)).toBe("due");
		[provider.mood, provider.before] = [() => "refunded", () => {}];
		await work();
		expect(await stateOf(refundId)).toBe("refunded");
		expect(provider.given()).toHaveLength(1);
		expect(provider.given()[0]?.refundId).not.toBe(refundId);
		expect(await notes()).toHaveLength(1);
	});
});

describe("a run", () => {
	const due = async (count: number) => {
		const paid = await givenPaid(env.BILLING_DB_00, "00");
		const ids: string[] = [];
		for (let i = 0; i < count; i += 1) {
			const part = { net_minor: 1, tax_minor: 0, requested_at: now, look_at: now - 1 - ((i * 7) % count) };
			ids.push(await givenRefund(env.BILLING_DB_00, paid, part));
		}
		return ids;
	};
	const looked = async () => (await refundsIn()).filter(({ state }) => state === "refunded").map(({ refund_id }) => refund_id);

	it("goes on with the next page until nothing is due", async () => {
		await due(45);
		await work();
		expect(await looked()).toHaveLength(45);
	});

	it("looks at so many at most, and at what is due the longest first", async () => {
		const ids = await due(45);
		await workRefunds(ctxWith(), { budget: 25 });
		const oldest = ids.filter((_, i) => (i * 7) % 45 >= 20);
		expect(await looked()).toEqual(oldest.toSorted());
	});

	it("writes no credit note of what another one has settled", async () => {
		const paid = await givenPaid(env.BILLING_DB_00, "00");
		const refundId = await givenRefund(env.BILLING_DB_00, paid, { state: "refunded", look_at: null, settled_run: "another" });
		const { number: _, ...invoice } = paid.invoice;
		const note = { ...invoice, kind: "credit_note", invoiceId: `inv_${refundId.slice(4)}` } as const;
		const row = { subject: paid.customerId, paymentId: refundId, refusals: 0, lookAt: now, missed: false, invoice: note };
		await settleRefunds(ctxWith(), "00", [{ ...row, outcome: "refunded", ref: "refund 0" }]);
		expect([await notes(), await recorded(), ensured]).toEqual([[], [], []]);
	});
});

describe("what stops no other refund:", () => {
	it("one of which nothing is known to have been charged", async () => {
		await givenRefund(env.BILLING_DB_00, { customerId: "cus_00", attemptId: "att_00" }, { look_at: now - 1 });
		const uncharged = await givenPaid(env.BILLING_DB_00, "00", { attempt: { charge_ref: null } });
		await givenRefund(env.BILLING_DB_00, uncharged, { look_at: now - 2 });
		const good = await givenRefund(env.BILLING_DB_00, await givenPaid(env.BILLING_DB_00, "00", { number: 2 }), {
			requested_at: now,
			look_at: now,
		});
		await work();
		await expectOneOf(good);
		expect(alarms).toEqual(["refund_not_looked_at", "refund_not_looked_at"]);
	});

	it("one whose credit note cannot be written", async () => {
		const [one, other] = [await givenPaid(env.BILLING_DB_00, "00"), await givenPaid(env.BILLING_DB_00, "00", { number: 2 })];
		const bad = await givenRefund(env.BILLING_DB_00, one, { requested_at: now, look_at: now });
		const good = await givenRefund(env.BILLING_DB_00, other, { requested_at: now, look_at: now });
		// its place is taken by something else
		const taken = someInvoice({ invoiceId: `inv_${bad.slice(4)}` });
		await env.BILLING_DB_00.prepare("insert into invoices values (?, 'invoice', 9, '', 0, 'other', 'EUR', 0, ?, '')")
			.bind(taken.invoiceId, JSON.stringify(taken))
			.run();
		await expect(work()).rejects.toThrow();
		expect(await stateOf(good)).toBe("refunded");
		expect((await notes()).map(({ number }) => number)).toEqual(["CRN-00-000001"]);
	});

	it("a configuration without a seller: nothing is given back until there is one", async () => {
		const refundId = await givenRefund(env.BILLING_DB_00, await givenPaid(env.BILLING_DB_00, "00"), {
			requested_at: now,
			look_at: now,
		});
		await work({ terms: termsOf({ CHARGE_DELAY_HOURS: "24", PAYMENT_LEASE_SECONDS: "900", SELLER: "{}", TAX_RATES: "{}" }) });
		expect([provider.calls, alarms]).toEqual([[], ["refund_not_looked_at"]]);
		await later(2 * hours);
		await expectOneOf(refundId);
	});

	it("a shard that does not answer", async () => {
		await givenRefund(env.BILLING_DB_01, await givenPaid(env.BILLING_DB_01, "01"), { requested_at: now, look_at: now });
		const down = observe(env.BILLING_DB_00);
		down.down = true;
		await expect(work({ databases: databases(down, env.BILLING_DB_01) })).rejects.toThrow();
		expect(await notes(env.BILLING_DB_01)).toHaveLength(1);
	});
});

it("the hourly job of payments looks at refunds too", async () => {
	await givenRefund(env.BILLING_DB_00, await givenPaid(env.BILLING_DB_00, "00"));
	const execution = createExecutionContext();
	await worker.scheduled(createScheduledController({ cron: paymentCron }), env, execution);
	await waitOnExecutionContext(execution);
	// nobody answers for the provider here: it is looked up later
	expect(await refundsIn()).toMatchObject([{ state: "unknown", lookups: 1 }]);
});
