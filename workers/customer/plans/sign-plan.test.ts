import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Database } from "../../../shared/context.ts";
import { periodAt } from "../../../shared/periods.ts";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { type Customer, databaseOf, eventsOf, givenCustomer } from "../../../shared/testing/customers.ts";
import { throughWire } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { givenVersion } from "../../../shared/testing/replica.ts";
import { days } from "../../../shared/time.ts";
import { type CustomerCtx, customerCtx } from "../context.ts";
import type { Plan } from "./plan-view.ts";
import { previewPlan } from "./preview-plan.ts";
import { signPlan } from "./sign-plan.ts";

const path = "/api/v1/plan";
const [tv, hifi, web] = [newId("ctr", "00"), newId("ctr", "00"), newId("ctr", "00")];
const line = (contractId: string, version = 1) => ({ contractId, version });

beforeAll(async () => {
	await migrateDatabases();
	for (const database of [databaseOf("00"), databaseOf("01")]) {
		await givenVersion(database, { contractId: tv, terms: { name: "Television" } });
		const price = { amountMinor: 990, currency: "EUR" };
		await givenVersion(database, { contractId: hifi, terms: { name: "Hi-fi", price } });
		await givenVersion(database, { contractId: web, version: 7, terms: { name: "Internet" } });
	}
});
afterEach(() => {
	vi.useRealTimers();
});

const ctx = () => customerCtx(env, createExecutionContext());
const newcomer = (shard = "00") => givenCustomer({ shard, plan: null });
const put = (customer: Customer, ...lines: { contractId: string; version: number }[]) => customer.put<Plan>(path, { lines });
const get = async (customer: Customer) => (await customer.get<Plan>(path)).body;

/** Some time passes: tokens last five minutes, so requests go on as verbs. */
function travelTo(time: string | number | null): void {
	vi.useFakeTimers({ toFake: ["Date"], now: new Date(time ?? 0) });
}

describe("PUT plan of a customer without one", () => {
	it.each(["00", "01"])("starts it now, with its total, and tells billing once (shard %s)", async (shard) => {
		const customer = await newcomer(shard);
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
		const customer = await newcomer();
		const ticket = { device: "Radio", category: "audio", text: "It hums." };
		expect(await customer.post("/api/v1/tickets", ticket)).toMatchObject({ status: 409, body: { code: "no_active_plan" } });

		await put(customer, line(tv));

		expect((await customer.post("/api/v1/tickets", ticket)).status).toBe(202);
	});

	it("without lines: 409, there is nothing to cancel", async () => {
		const customer = await newcomer();
		const before = await contentsOf(customer.database);

		expect(await put(customer)).toMatchObject({ status: 409, body: { code: "nothing_to_cancel" } });
		expect(await contentsOf(customer.database)).toEqual(before);
	});
});

it("GET plan of a customer who never had one says so", async () => {
	const answer = await (await newcomer()).get<Plan>(path);

	expect(answer.status).toBe(200);
	expect(answer.headers.get("cache-control")).toBe("no-store");
	const nothing = { startsAt: null, endsAt: null, period: null, lines: [], total: null, next: null };
	expect(answer.body).toEqual({ status: "none", ...nothing });
});

describe("PUT plan of a customer with one", () => {
	it("changes it from the next period on; until then, the lines and the total stay", async () => {
		const customer = await newcomer();
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
		const customer = await newcomer();
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
		const customer = await newcomer();
		for (const lines of wishes) await put(customer, ...lines);
		const before = await contentsOf(customer.database);

		const answer = await put(customer, ...again);

		expect(answer.status).toBe(200);
		expect(answer.body).toEqual(await get(customer));
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("rises in version even when the one before is of a time to come", async () => {
		const customer = await newcomer();
		await put(customer, line(tv));
		const ahead = Date.now() + 1_000_000;
		await customer.database.prepare("update plans set version = ? where customer_id = ?").bind(ahead, customer.id).run();

		await put(customer, line(hifi));

		expect((await eventsOf(customer)).map(({ version }) => version)).toEqual([expect.any(String), String(ahead + 1)]);
	});

	it("row 24: from 31 January a change of February holds from 28 February, and one of March from 31 March", async () => {
		const customer = await newcomer();
		const sign = (...lines: { contractId: string; version: number }[]) =>
			signPlan({ ctx: ctx(), input: { session: { customerId: customer.id, sessionId: customer.sessionId }, lines } });

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

describe("prices", () => {
	it("stay as they were signed when the contract changes, also in a plan that is changed or resumed", async () => {
		const [contractId, customer] = [newId("ctr", "00"), await newcomer()];
		const price = (amountMinor: number) => ({ terms: { price: { amountMinor, currency: "EUR" } } });
		await givenVersion(customer.database, { contractId, ...price(500) });
		await put(customer, line(contractId));
		await givenVersion(customer.database, { contractId, version: 2, ...price(900) });

		await put(customer);
		const resumed = await put(customer, line(contractId));
		const more = await put(customer, line(contractId), line(hifi));

		expect(resumed.body).toMatchObject({ status: "active", total: { amountMinor: 500 } });
		expect(more.body).toMatchObject({ total: { amountMinor: 500 }, next: { total: { amountMinor: 500 + 990 } } });
		const newer = await put(customer, line(contractId, 2));
		expect(newer.body).toMatchObject({ total: { amountMinor: 500 }, next: { total: { amountMinor: 900 } } });
	});

	it("of a withdrawn contract stay for whoever has signed it, and for nobody else", async () => {
		const [contractId, customer, other] = [newId("ctr", "00"), await newcomer(), await newcomer()];
		await givenVersion(customer.database, { contractId });
		await put(customer, line(contractId));
		await givenVersion(customer.database, { contractId, version: 2, offered: false });

		expect((await put(customer, line(contractId), line(tv))).body.next?.lines).toHaveLength(2);
		expect(await put(other, line(contractId))).toMatchObject({ status: 422, body: { code: "contract_not_offered" } });
	});

	it("are of one currency", async () => {
		const [contractId, customer] = [newId("ctr", "00"), await newcomer()];
		await givenVersion(customer.database, { contractId, terms: { price: { amountMinor: 1, currency: "CHF" } } });

		const answer = await put(customer, line(tv), line(contractId));

		expect(answer).toMatchObject({
			status: 422,
			body: { code: "invalid_field", errors: [{ field: "lines", rule: "currency" }] },
		});
	});
});

describe("row 34: PUT plan refuses with 422, and changes nothing,", () => {
	it.each([
		["an unknown contract", newId("ctr", "00"), 1],
		["an older version", web, 6],
		["a version that is not there yet", web, 8],
	])("%s", async (_, contractId, version) => {
		const customer = await newcomer();
		await givenVersion(customer.database, { contractId: web, version: 6, offered: false });
		await customer.database
			.prepare("update contract_versions set offered = 1 where contract_id = ? and version = 7")
			.bind(web)
			.run();
		const before = await contentsOf(customer.database);

		const answer = await put(customer, line(tv), line(contractId, version));

		expect(answer).toMatchObject({ status: 422, body: { code: "contract_not_offered", errors: [{ field: "lines.1" }] } });
		expect(await contentsOf(customer.database)).toEqual(before);
		await customer.database.prepare("delete from contract_versions where contract_id = ? and version = 6").bind(web).run();
	});

	it("a version that is withdrawn between reading and writing", async () => {
		const [contractId, customer] = [newId("ctr", "00"), await newcomer()];
		await givenVersion(customer.database, { contractId });
		const late = beforeWrite(() => givenVersion(customer.database, { contractId, version: 2, offered: false }));

		const signed = signPlan({ ctx: late, input: { session: sessionOf(customer), lines: [line(contractId)] } });

		await expect(signed).rejects.toMatchObject({ code: "contract_not_offered" });
		expect(await get(customer)).toMatchObject({ status: "none" });
		expect(await eventsOf(customer)).toEqual([]);
	});
});

const sessionOf = ({ id: customerId, sessionId }: Customer) => ({ customerId, sessionId });

/** Ports whose database lets something happen before each of the next so many batches that write. */
function beforeWrite(happens: () => Promise<unknown>, times = 1): CustomerCtx {
	const own = ctx();
	let left = times;
	const get = (shard: string): Database => {
		let batches = 0;
		return throughWire(own.databases.get(shard), async (_, work) => {
			batches += 1;
			if (batches % 2 === 0 && left > 0) {
				left -= 1;
				await happens();
			}
			return work();
		});
	};
	const database = get("00");
	return { ...own, databases: { ...own.databases, get: () => database } };
}

describe("two that sign at the same time", () => {
	it("do so one after the other: the second decides again upon what the first has done", async () => {
		const customer = await newcomer();
		const session = sessionOf(customer);
		const second = beforeWrite(() => signPlan({ ctx: ctx(), input: { session, lines: [line(tv)] } }));

		const plan = await signPlan({ ctx: second, input: { session, lines: [line(hifi)] } });

		expect(plan).toMatchObject({ lines: [{ name: "Television" }], next: { lines: [{ name: "Hi-fi" }] } });
		expect(await get(customer)).toEqual(plan);
		const versions = (await eventsOf(customer)).map(({ version }) => Number(version));
		expect(versions).toEqual(versions.toSorted((a, b) => a - b));
		expect(new Set(versions).size).toBe(2);
	});

	it("and want the same, start one plan with one event", async () => {
		const customer = await newcomer();

		const answers = await Promise.all(Array.from({ length: 5 }, () => put(customer, line(tv))));

		expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
		expect(await eventsOf(customer)).toHaveLength(1);
	});

	it("again and again, end with 503, nothing half done", async () => {
		const customer = await newcomer();
		const session = sessionOf(customer);
		let turn = 0;
		const others = () => signPlan({ ctx: ctx(), input: { session, lines: [line(turn++ % 2 ? tv : web, turn % 2 ? 7 : 1)] } });

		const signed = signPlan({ ctx: beforeWrite(others, 3), input: { session, lines: [line(hifi)] } });

		await expect(signed).rejects.toMatchObject({ code: "unavailable" });
		expect(JSON.stringify(await get(customer))).not.toContain("Hi-fi");
	});
});

describe("row 30: a session that was signed out", () => {
	it("changes nothing at once, whatever it wants, while it can still read", async () => {
		const customer = await newcomer();
		await put(customer, line(tv));
		await customer.signOut();
		const before = await contentsOf(customer.database);

		for (const lines of [[line(hifi)], [line(tv)], []]) {
			expect(await put(customer, ...lines)).toMatchObject({ status: 401, body: { code: "session_revoked" } });
		}
		expect(await contentsOf(customer.database)).toEqual(before);
		expect((await customer.get(path)).status).toBe(200);
	});

	it("between reading and writing changes nothing either", async () => {
		const customer = await newcomer();
		const late = beforeWrite(() => customer.signOut());

		const signed = signPlan({ ctx: late, input: { session: sessionOf(customer), lines: [line(tv)] } });

		await expect(signed).rejects.toMatchObject({ code: "session_revoked" });
		expect(await get(customer)).toMatchObject({ status: "none" });
	});
});

it("row 1: a plan belongs to the session's customer, whatever else a request names", async () => {
	const [me, other] = [await newcomer(), await newcomer()];
	await put(other, line(tv));
	const before = await get(other);

	await me.put(`${path}?customerId=${other.id}`, { lines: [line(hifi)] });

	expect(await get(other)).toEqual(before);
	expect((await me.get<Plan>(`${path}?customerId=${other.id}`)).body).toMatchObject({ lines: [{ name: "Hi-fi" }] });
});

describe("PUT plan refuses with 422 what is no list of contracts:", () => {
	const twice = [line(tv), line(tv, 2)];
	it.each<[string, unknown, string]>([
		["no lines", {}, "lines"],
		["null", { lines: null }, "lines"],
		["a contract twice", { lines: twice }, "lines"],
		["21 contracts", { lines: Array.from({ length: 21 }, () => line(newId("ctr", "00"))) }, "lines"],
		["an id of something else", { lines: [line(newId("tkt", "00"))] }, "lines.0.contractId"],
		["row 26: SQL", { lines: [line(`${tv}' or 1=1 --`)] }, "lines.0.contractId"],
		["half a version", { lines: [line(tv, 1.5)] }, "lines.0.version"],
		["version 0", { lines: [line(tv, 0)] }, "lines.0.version"],
		["a version in words", { lines: [{ contractId: tv, version: "1" }] }, "lines.0.version"],
		["row 2: a price", { lines: [{ ...line(tv), price: { amountMinor: 1, currency: "EUR" } }] }, "lines.0"],
		["row 2: a start", { lines: [line(tv)], startsAt: 0 }, ""],
	])("%s", async (_, body, field) => {
		const customer = await newcomer();

		const answer = await customer.put(path, body);

		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field", errors: [{ field }] } });
		expect(await get(customer)).toMatchObject({ status: "none" });
	});
});

describe("a preview", () => {
	const preview = (customer: Customer, ...lines: { contractId: string; version: number }[]) =>
		previewPlan({ ctx: ctx(), input: { customerId: customer.id, lines } });
	const televisions = { ...line(tv), name: "Television", price: { amountMinor: 1290, currency: "EUR" } };
	const hifis = { ...line(hifi), name: "Hi-fi", price: { amountMinor: 990, currency: "EUR" } };

	it("says what signing would do, and does nothing", async () => {
		const customer = await newcomer();
		travelTo(Date.now());
		const now = new Date().toISOString();
		expect(await preview(customer, line(tv))).toEqual({
			effect: "starts",
			from: now,
			lines: [televisions],
			total: { amountMinor: 1290, currency: "EUR" },
			added: [televisions],
			removed: [],
		});
		expect(await get(customer)).toMatchObject({ status: "none" });
	});

	it("names what comes and what goes with the next period", async () => {
		const customer = await newcomer();
		const { period } = (await put(customer, line(tv))).body;

		const change = { effect: "changes", from: period?.to, added: [hifis], removed: [televisions] };
		expect(await preview(customer, line(hifi))).toMatchObject(change);
		const end = { effect: "ends", from: period?.to, lines: [], total: null, added: [], removed: [televisions] };
		expect(await preview(customer)).toEqual(end);
		expect(await preview(customer, line(tv))).toMatchObject({ effect: "nothing", from: null, added: [], removed: [] });
		expect(await get(customer)).toMatchObject({ status: "active", next: null });
	});

	it("refuses what signing would refuse", async () => {
		const customer = await newcomer();

		await expect(preview(customer)).rejects.toMatchObject({ code: "nothing_to_cancel" });
		await expect(preview(customer, line(web, 6))).rejects.toMatchObject({ code: "contract_not_offered" });
	});
});

it("a plan that is older than contracts are is active, and the first that is signed starts one with periods of its own", async () => {
	const customer = await givenCustomer({ plan: { startsIn: -400 * days } });
	expect(await get(customer)).toMatchObject({ status: "active", lines: [], total: null, next: null });
	expect(await put(customer)).toMatchObject({ status: 409, body: { code: "nothing_to_cancel" } });

	expect((await put(customer, line(tv))).body).toMatchObject({ status: "active", lines: [{ name: "Television" }], next: null });
});
