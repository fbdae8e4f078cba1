import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { periodAt } from "../../../shared/periods.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, eventsOf, givenCustomer } from "../../../shared/testing/customers.ts";
import {
	givenStranger,
	hifi,
	line,
	migrateWithCatalogue,
	planPath,
	sessionOf,
	tv,
	type Wish,
} from "../../../shared/testing/plans.ts";
import { days } from "../../../shared/time.ts";
import { customerCtx } from "../context.ts";
import type { Plan } from "./plan-view.ts";
import { signPlan } from "./sign-plan.ts";

beforeAll(migrateWithCatalogue);
afterEach(() => {
	vi.useRealTimers();
});

const ctx = () => customerCtx(env, createExecutionContext());
const put = (customer: Customer, ...lines: Wish[]) => customer.put<Plan>(planPath, { lines });
const get = async (customer: Customer) => (await customer.get<Plan>(planPath)).body;

/** Some time passes: tokens last five minutes, so requests go on as verbs. */
function travelTo(time: string | number): void {
	vi.useFakeTimers({ toFake: ["Date"], now: new Date(time) });
}

describe("PUT plan of a customer without one", () => {
	it.each(["00", "01"])("starts it now, with its total, and tells billing once (shard %s)", async (shard) => {
		const customer = await givenStranger(shard);
		const before = Date.now();

		const answer = await put(customer, line(tv), line(hifi));

		expect(answer.status).toBe(200);
		const { startsAt } = answer.body;
		const from = Date.parse(startsAt ?? "");
		expect(from).toBeGreaterThanOrEqual(before);
		expect(answer.body).toEqual({
			status: "active",
			startsAt,
			endsAt: null,
			period: { from: startsAt, to: new Date(periodAt(from, from).to).toISOString() },
			lines: [
				{ ...line(tv), name: "Television", price: { amountMinor: 1290, currency: "EUR" } },
				{ ...line(hifi), name: "Hi-fi", price: { amountMinor: 990, currency: "EUR" } },
			],
			total: { amountMinor: 2280, currency: "EUR" },
			next: null,
		});
		expect(await get(customer)).toEqual(answer.body);
		const [event, ...others] = await eventsOf(customer);
		expect(others).toEqual([]);
		expect(event).toMatchObject({ type: "PlanChanged", source: "customer", subject: customer.id });
		const lines = [tv, hifi].map((contractId) => ({ contractId, contractVersion: 1 }));
		expect(event?.data).toEqual({ startsAt: from, endsAt: null, phases: [{ from, lines }] });
		expect(Number(event?.version)).toBeGreaterThanOrEqual(before);
	});

	it("opens the way to a ticket at once", async () => {
		const customer = await givenStranger();
		const ticket = { device: "Radio", category: "audio", text: "It hums." };
		expect(await customer.post("/api/v1/tickets", ticket)).toMatchObject({ status: 409, body: { code: "no_active_plan" } });

		await put(customer, line(tv));

		expect((await customer.post("/api/v1/tickets", ticket)).status).toBe(202);
	});

	it("without lines: 409, there is nothing to cancel", async () => {
		const customer = await givenStranger();
		const before = await contentsOf(customer.database);

		expect(await put(customer)).toMatchObject({ status: 409, body: { code: "nothing_to_cancel" } });
		expect(await contentsOf(customer.database)).toEqual(before);
	});
});

it("GET plan of a customer who never had one says so", async () => {
	const answer = await (await givenStranger()).get<Plan>(planPath);

	expect(answer.status).toBe(200);
	expect(answer.headers.get("cache-control")).toBe("no-store");
	const nothing = { startsAt: null, endsAt: null, period: null, lines: [], total: null, next: null };
	expect(answer.body).toEqual({ status: "none", ...nothing });
});

describe("PUT plan of a customer with one", () => {
	it("changes it from the next period on; until then, the lines and the total stay", async () => {
		const customer = await givenStranger();
		const { body: first } = await put(customer, line(tv));

		const { body } = await put(customer, line(hifi));

		const lines = [{ ...line(hifi), name: "Hi-fi", price: { amountMinor: 990, currency: "EUR" } }];
		const next = { from: first.period?.to, lines, total: { amountMinor: 990, currency: "EUR" } };
		expect(body).toEqual({ ...first, next });
		expect((await eventsOf(customer)).at(-1)?.data).toMatchObject({
			phases: [{ lines: [{ contractId: tv }] }, { from: Date.parse(first.period?.to ?? ""), lines: [{ contractId: hifi }] }],
		});
	});

	it("ends it with the period when nothing is wanted, and goes on when something is wanted again", async () => {
		const customer = await givenStranger();
		const { body: first } = await put(customer, line(tv));

		const { body: cancelled } = await put(customer);
		const { body: resumed } = await put(customer, line(tv));

		const endsAt = first.period?.to;
		expect(cancelled).toEqual({ ...first, status: "ending", endsAt, next: { from: endsAt, lines: [], total: null } });
		expect(resumed).toEqual(first);
		const ends = (await eventsOf(customer)).map(({ data }) => data["endsAt"]);
		expect(ends).toEqual([null, Date.parse(endsAt ?? ""), null]);
	});

	it.each([
		["a composed plan", [[line(tv), line(hifi)]], [line(hifi), line(tv)]],
		["a change", [[line(tv)], [line(hifi)]], [line(hifi)]],
		["a cancellation", [[line(tv)], []], []],
	])("that repeats %s changes nothing and tells nobody", async (_, wishes, again) => {
		const customer = await givenStranger();
		for (const lines of wishes) await put(customer, ...lines);
		const before = await contentsOf(customer.database);

		const answer = await put(customer, ...again);

		expect(answer.status).toBe(200);
		expect(answer.body).toEqual(await get(customer));
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("rises in version even when the one before is of a time to come", async () => {
		const customer = await givenStranger();
		await put(customer, line(tv));
		const ahead = Date.now() + 1_000_000;
		await customer.database.prepare("update plans set version = ? where customer_id = ?").bind(ahead, customer.id).run();

		await put(customer, line(hifi));

		expect((await eventsOf(customer)).map(({ version }) => version)).toEqual([expect.any(String), String(ahead + 1)]);
	});

	it("row 24: from 31 January a change of February holds from 28 February, and one of March from 31 March", async () => {
		const customer = await givenStranger();
		const sign = (...lines: Wish[]) => signPlan({ ctx: ctx(), input: { session: sessionOf(customer), lines } });

		travelTo("2026-01-31T09:00:00Z");
		expect((await sign(line(tv))).period).toEqual({ from: "2026-01-31T09:00:00.000Z", to: "2026-02-28T09:00:00.000Z" });
		travelTo("2026-02-28T08:59:59.999Z");
		expect((await sign(line(hifi))).next).toMatchObject({ from: "2026-02-28T09:00:00.000Z", lines: [{ name: "Hi-fi" }] });
		travelTo("2026-02-28T09:00:00Z");
		expect(await sign()).toMatchObject({ status: "ending", endsAt: "2026-03-31T09:00:00.000Z", lines: [{ name: "Hi-fi" }] });
		travelTo("2026-03-31T09:00:00Z");
		await expect(sign()).rejects.toThrow("nothing_to_cancel");
		expect(await sign(line(tv))).toMatchObject({ status: "active", startsAt: "2026-03-31T09:00:00.000Z" });
	});
});

it("a plan that is older than contracts are is active, and the first that is signed starts one with periods of its own", async () => {
	const customer = await givenCustomer({ plan: { startsIn: -400 * days } });
	expect(await get(customer)).toMatchObject({ status: "active", lines: [], total: null, next: null });
	expect(await put(customer)).toMatchObject({ status: 409, body: { code: "nothing_to_cancel" } });

	expect((await put(customer, line(tv))).body).toMatchObject({ status: "active", lines: [{ name: "Television" }], next: null });
});
