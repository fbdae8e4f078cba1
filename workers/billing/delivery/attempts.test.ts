import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ResendPolicy } from "../../../shared/context.ts";
import { Invoice } from "../../../shared/events/billing.ts";
import { givenDelivery } from "../../../shared/testing/deliveries.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { readMessage } from "../../../shared/testing/forge.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { days, hours, minutes, seconds } from "../../../shared/time.ts";
import { type BillingCtx, billingCtx } from "../context.ts";
import { alarm, type DeliveryState, delivered, ensure } from "./attempts.ts";
import { sweepDeliveries } from "./sweep-deliveries.ts";

const database = env.BILLING_DB_00;
const start = Date.UTC(2026, 10, 2);

/** An object on a clock of the test's: what it keeps survives when its memory is lost. */
class Host implements DeliveryState {
	invoiceId: string | undefined;
	attempts = 0;
	intoSilence = false;
	kept: Partial<DeliveryState> | undefined;
	alarmAt: number | null = null;
	writes = 0;
	async persist() {
		this.writes += 1;
		const { invoiceId, attempts, intoSilence } = this;
		this.kept = { ...(invoiceId === undefined ? {} : { invoiceId }), attempts, intoSilence };
	}
	async setAlarm(at: number) {
		this.writes += 1;
		this.alarmAt = at;
	}
	async getAlarm() {
		return this.alarmAt;
	}
	async destroy() {
		this.kept = undefined;
		this.alarmAt = null;
	}
	/** It is as it was kept. */
	evict() {
		Object.assign(this, { invoiceId: undefined, attempts: 0, intoSilence: false }, this.kept);
	}
}

let now: number;
let resend: ResendPolicy;
let state: Host;
/** With whether the next attempt was armed then. */
let sent: { at: number; token: string; armed: boolean }[];

beforeEach(async () => {
	await migrateDatabases();
	[now, sent, state] = [start, [], new Host()];
	resend = { maxDelay: 6 * hours, silentAfter: 10 * minutes };
});
afterEach(() => reset());

function ctx(): BillingCtx {
	const queue = () => ({
		send: async (texts: readonly string[]) => {
			sent.push(...texts.map((token) => ({ at: now, token, armed: state.alarmAt !== null })));
		},
	});
	return Object.assign(billingCtx(env, { waitUntil() {} }), { now: () => now, queue, resend });
}

/** The platform runs every alarm when it is due, until then. */
async function runUntil(end: number): Promise<void> {
	while (state.alarmAt !== null && state.alarmAt <= end) {
		now = state.alarmAt;
		state.alarmAt = null; // as while it runs
		await alarm({ ctx: ctx(), state });
	}
	now = end;
}
const work = (invoiceId: string) => ensure({ ctx: ctx(), state, input: { invoiceId } });
const confirm = (invoiceId: string) =>
	database.prepare("update deliveries set delivered_at = ? where invoice_id = ?").bind(now, invoiceId).run();
const hear = () => database.prepare("insert or replace into destinations values ('customer', ?, null)").bind(now).run();
const nothing = { kept: undefined, alarmAt: null, invoiceId: undefined };

describe("an invoice", () => {
	it("is sent as the event that was made for it, about its customer, as of when it was issued, signed at each attempt", async () => {
		const { invoiceId, eventId, customerId, document } = await givenDelivery(database);
		await work(invoiceId);
		await runUntil(start + 30 * minutes);

		expect(sent.length).toBeGreaterThan(1);
		for (const { at, token, armed } of sent) {
			expect(armed).toBe(true);
			const { header, event } = readMessage(token);
			expect(header).toMatchObject({ aud: "customer", iat: Math.floor(at / 1000) });
			const time = new Date(document.issuedAt).toISOString();
			expect(event).toMatchObject({ id: eventId, source: "billing", type: "InvoiceIssued", subject: customerId, time });
			expect(v.parse(Invoice, event["data"])).toEqual(document);
		}
	});

	it("is sent again for days, at first after minutes, then about every six hours, until it has arrived; then nothing is left", async () => {
		const { invoiceId } = await givenDelivery(database);
		await work(invoiceId);
		await runUntil(start + 5 * days);

		const gaps = sent.slice(1).map(({ at }, i) => at - (sent[i]?.at ?? 0));
		expect(gaps[0]).toBeGreaterThanOrEqual(3.75 * minutes);
		expect(gaps[0]).toBeLessThan(6.25 * minutes);
		expect(gaps.length).toBeGreaterThan(5 * 3);
		expect(gaps.length).toBeLessThan(40);
		for (const gap of gaps.slice(8)) expect(Math.abs(gap - 6 * hours)).toBeLessThanOrEqual(1.5 * hours);
		expect(new Set(gaps.slice(8)).size).toBeGreaterThan(3);

		await confirm(invoiceId);
		const count = sent.length;
		await runUntil(start + 6 * days);
		expect(sent).toHaveLength(count);
		expect(state).toMatchObject(nothing);
	});

	it("is delivered in the end though the queue, the database and the signer were away, one after the other", async () => {
		const { invoiceId } = await givenDelivery(database);
		const broken: Partial<BillingCtx>[] = [
			{
				databases: {
					...ctx().databases,
					get: () => {
						throw new Error("away");
					},
				},
			},
			{ signer: { ...ctx().signer, sign: () => Promise.reject(new Error("no key")) } },
			{
				queue: () => {
					throw new Error("no binding");
				},
			},
		];
		await work(invoiceId);
		for (const faults of [...broken, ...broken]) {
			now = Number(state.alarmAt);
			state.alarmAt = null;
			await alarm({ ctx: { ...ctx(), ...faults }, state });
			expect(state.alarmAt).toBeGreaterThan(now);
			state.evict();
		}
		expect(sent).toEqual([]);
		await runUntil(now + 1 * days);
		expect(sent.length).toBeGreaterThan(0);
	});

	it("is at work again after it was killed between any two steps", async () => {
		const { invoiceId } = await givenDelivery(database);
		const dies = new Error("killed");
		for (const step of ["persist", "setAlarm", "destroy"] as const) {
			for (const [what, when] of [
				["ensure", "before"],
				["ensure", "after"],
				["alarm", "before"],
				["alarm", "after"],
			]) {
				state = new Host();
				if (what === "alarm") await work(invoiceId);
				const real = Host.prototype[step];
				const dying = async function (this: Host, at: number) {
					if (when === "after") await real.call(this, at);
					throw dies;
				};
				Object.assign(state, { [step]: dying });
				const again = state.alarmAt;
				await (what === "ensure" ? work(invoiceId) : alarm({ ctx: ctx(), state })).catch(() => {});
				Reflect.deleteProperty(state, step);
				state.alarmAt ??= what === "alarm" ? again : null; // the platform repeats an alarm that failed
				state.evict();
				if (state.alarmAt === null) await work(invoiceId); // the sweeper
				sent.length = 0;
				await runUntil(now + 30 * minutes);
				if (sent.length === 0) {
					await work(invoiceId);
					await runUntil(now + 30 * minutes);
				}
				expect(sent.length, `${step} in ${what}, dead ${when} it`).toBeGreaterThan(0);
			}
		}
	});
});

describe("ensure", () => {
	it("leaves what is pending alone, twice at once and at any time later", async () => {
		const { invoiceId } = await givenDelivery(database);
		await Promise.all([work(invoiceId), work(invoiceId)]);
		const { alarmAt } = state;
		expect(alarmAt).toBeGreaterThan(start);
		now += 1 * minutes;
		await work(invoiceId);
		expect(state.alarmAt).toBe(alarmAt);

		await runUntil(start + 1 * days);
		const { attempts, alarmAt: later } = state;
		await work(invoiceId);
		expect(state).toMatchObject({ attempts, alarmAt: later });
	});

	it("sets an alarm again that the platform has given up, and knows after an eviction what for", async () => {
		const { invoiceId } = await givenDelivery(database);
		await work(invoiceId);
		state.alarmAt = null;
		await work(invoiceId);
		expect(state.alarmAt).not.toBeNull();
		state.evict();
		await runUntil(start + 11 * minutes);
		expect(sent.length).toBeGreaterThan(0);
	});

	it("spreads the first attempts of a bulk run over ten minutes; where events come again after seconds it is at once", async () => {
		const firsts: number[] = [];
		for (let i = 0; i < 40; i++) {
			state = new Host();
			await work(newId("inv", "00"));
			firsts.push(Number(state.alarmAt) - start);
		}
		expect(Math.min(...firsts)).toBeLessThan(3 * minutes);
		expect(Math.max(...firsts)).toBeGreaterThan(7 * minutes);
		expect(Math.max(...firsts)).toBeLessThanOrEqual(10 * minutes);

		resend = { ...resend, firstDelay: 5 * seconds };
		state = new Host();
		await work(newId("inv", "00"));
		expect(state.alarmAt).toBe(start + 1); // never now: an alarm for now may not run
	});

	it("brings the next attempt forward when the customer Worker is heard of again, and once only", async () => {
		const { invoiceId } = await givenDelivery(database);
		await work(invoiceId);
		await runUntil(start + 2 * days);
		const { alarmAt } = state;
		await work(invoiceId); // still silent
		expect(state.alarmAt).toBe(alarmAt);

		await hear();
		await work(invoiceId);
		expect(state.alarmAt).toBe(now + 1);
		const before = sent.length;
		await runUntil(now + 1 * minutes);
		expect(sent).toHaveLength(before + 1);
		expect(Number(state.alarmAt) - now).toBeLessThan(7 * minutes); // as for a new one

		// it confirms others, but not this one: attempts become rare as ever
		for (let i = 0; i < 24; i++) {
			await hear();
			await work(invoiceId);
			await runUntil(now + 10 * minutes);
		}
		expect(sent.length - before).toBeLessThan(9);
	});
});

describe("it ends", () => {
	it("when D1 says that the invoice has arrived, and not because somebody says so", async () => {
		const { invoiceId } = await givenDelivery(database);
		await work(invoiceId);
		await delivered({ ctx: ctx(), state });
		expect(state.alarmAt).not.toBeNull();

		await confirm(invoiceId);
		await delivered({ ctx: ctx(), state });
		expect(state).toMatchObject(nothing);
		await delivered({ ctx: ctx(), state }); // again
		expect(state).toMatchObject(nothing);
	});

	it("when the customer Worker has rejected it, and begins anew when the staff ask for it", async () => {
		const { invoiceId } = await givenDelivery(database, { rejectedReason: "schema" });
		await work(invoiceId);
		await runUntil(start + 1 * days);
		expect(sent).toEqual([]);
		expect(state).toMatchObject(nothing);

		await database.prepare("update deliveries set rejected_reason = null").run();
		await work(invoiceId);
		await runUntil(now + 11 * minutes);
		expect(sent.length).toBeGreaterThan(0);
	});

	it.each([
		["of an invoice that D1 does not know, as after a restore", newId("inv", "00")],
		["of a shard that is not here", newId("inv", "7f")],
	])("row 22: %s", async (_, invoiceId) => {
		await work(invoiceId);
		await runUntil(start + 1 * days);
		expect(sent).toEqual([]);
		expect(state).toMatchObject(nothing);
	});

	it("when a receipt comes in the middle of an attempt, and that keeps nothing afterwards", async () => {
		const { invoiceId } = await givenDelivery(database);
		await work(invoiceId);
		await runUntil(start + 12 * minutes); // the next attempt would note the silence
		sent.length = 0;
		await confirmDuringRead(invoiceId);
		expect(sent).toEqual([]);
		expect(state).toMatchObject(nothing);
		await runUntil(start + 1 * days);
		expect(state).toMatchObject(nothing);
	});

	/** The receipt is applied between what the attempt reads and what it does with it. */
	async function confirmDuringRead(invoiceId: string): Promise<void> {
		const { databases } = ctx();
		const reading = {
			...database,
			prepare: (text: string) => ({
				bind: (...values: unknown[]) => ({
					all: async () => {
						const read = await database
							.prepare(text)
							.bind(...values)
							.all();
						await confirm(invoiceId);
						await delivered({ ctx: ctx(), state });
						return read;
					},
				}),
			}),
		};
		now = Number(state.alarmAt);
		state.alarmAt = null;
		await alarm({ ctx: { ...ctx(), databases: { ...databases, get: () => reading as unknown as D1Database } }, state });
	}
});

it("the sweeper calls 2,000 objects in a run at most, in however many shards", async () => {
	const shards = Array.from({ length: 40 }, (_, i) => `${10 + i}`);
	const asked: number[] = [];
	const page = (limit: number) => Array.from({ length: limit }, () => ({ invoice_id: newId("inv", "10") }));
	const prepare = (text: string) => ({
		bind: (...values: unknown[]) => ({
			all: async () => {
				const limit = Number(values[Number(/limit \?(\d)/.exec(text)?.[1]) - 1]);
				asked.push(limit);
				return { results: page(Math.min(99, limit)) };
			},
		}),
	});
	const ensured: string[] = [];
	const deliveries = { ensure: async (id: string) => void ensured.push(id), delivered: async () => {} };
	const databases = { shards, locate: () => undefined, get: () => ({ prepare }) as unknown as D1Database };

	expect(await sweepDeliveries({ ...ctx(), databases, deliveries })).toBe(2000);

	expect(ensured).toHaveLength(2000);
	expect(asked).toEqual([...Array(20).fill(100), 20]);
});

it("after a restore to before its receipt it is sent again, and ends with the receipt of that", async () => {
	const { invoiceId } = await givenDelivery(database);
	await work(invoiceId);
	await confirm(invoiceId);
	await delivered({ ctx: ctx(), state });
	await database.prepare("update deliveries set delivered_at = null").run();

	await work(invoiceId); // the sweeper
	await runUntil(now + 11 * minutes);
	expect(sent.length).toBeGreaterThan(0);
	await confirm(invoiceId);
	await delivered({ ctx: ctx(), state });
	expect(state).toMatchObject(nothing);
});
