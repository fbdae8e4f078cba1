import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { accessToken, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";

const first = Date.UTC(2026, 10, 2, 12);
const iso = (at: number) => new Date(at).toISOString();
const [ada, grace] = [newId("cus", "00"), newId("cus", "01")];
const periodsPath = "/api/v1/periods";
const retryPath = (customerId: string, from = iso(first)) => `${periodsPath}/${customerId}/${from}/retry`;
const ofAda = `/api/v1/customers/${ada}/periods`;

beforeAll(async () => {
	await migrateDatabases();
	await env.BILLING_DB_00.prepare("insert into staff values (?, 'helpdesk'), ('expert@squad.example', 'expert')")
		.bind(staffEmail)
		.run();
});
beforeEach(async () => {
	serveCerts();
	for (const database of [env.BILLING_DB_00, env.BILLING_DB_01]) {
		await database.batch(["periods", "attempts", "audit"].map((table) => database.prepare(`delete from ${table}`)));
	}
});
afterEach(() => {
	vi.unstubAllGlobals();
});

/** A period of a plan that began with the first. */
async function given(
	customerId: string,
	index: number,
	state = "parked",
	fromAt = Date.UTC(2026, 10 + index, 2, 12),
): Promise<void> {
	const text = `insert into periods (customer_id, from_at, starts_at, period_index, state, declines, round_at, failure)
		values (?, ?, ?, ?, ?, 4, 5, 'card_declined')`;
	const database = customerId === grace ? env.BILLING_DB_01 : env.BILLING_DB_00;
	await database.prepare(text).bind(customerId, fromAt, first, index, state).run();
}

interface Body {
	code?: string;
	items?: { customerId: string; from: string; state: string; attempts?: object[] }[];
	next?: string | null;
}

async function ask(
	path: string,
	{ method = "GET", body, token }: { method?: string; body?: string; token?: string | null } = {},
) {
	const headers: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
	if (token !== null) headers["cf-access-jwt-assertion"] = token ?? (await accessToken());
	const init = { method, headers, ...(body === undefined ? {} : { body }) };
	const answer = await exports.default.fetch(new Request(`https://billing.test${path}`, init));
	return { status: answer.status, headers: answer.headers, body: await answer.json<Body>() };
}
const retry = (path: string, body = "{}") => ask(path, { method: "POST", body });

describe("the parked periods", () => {
	it("of all shards come page by page, the oldest first", async () => {
		await given(ada, 0);
		await given(grace, 1);
		await given(ada, 2);
		await given(ada, 3, "due");

		const page = await ask(`${periodsPath}?state=parked&limit=2`);
		const rest = await ask(`${periodsPath}?limit=2&cursor=${page.body.next}`);

		expect(page.headers.get("cache-control")).toBe("no-store");
		expect(page.body.items).toEqual([
			{
				customerId: ada,
				from: iso(first),
				to: "2026-12-02T12:00:00.000Z",
				state: "parked",
				nextAttemptAt: null,
				declines: 4,
				failure: "card_declined",
			},
			expect.objectContaining({ customerId: grace, from: "2026-12-02T12:00:00.000Z" }),
		]);
		expect(rest.body).toEqual({ items: [expect.objectContaining({ from: "2027-01-02T12:00:00.000Z" })], next: null });
	});

	it.each(["?state=paid", "?limit=0", "?cursor=nonsense"])("422 for %s", async (query) => {
		expect(await ask(periodsPath + query)).toMatchObject({ status: 422, body: { code: "invalid_field" } });
	});
});

describe("a customer's periods", () => {
	it("are the newest 24 with what was tried, and nothing of a card but brand and last digits", async () => {
		for (let index = 0; index < 26; index += 1) await given(ada, index, "paid");
		const last = Date.UTC(2026, 10 + 25, 2, 12);
		const bill = JSON.stringify({ card: { brand: "visa", last4: "1111" } });
		const text = `insert into attempts (attempt_id, customer_id, from_at, number, card_id, state, started_at, settled_at, total_minor,
			currency, bill, reason, started_run) values (?, ?, ?, ?, 'crd', ?, ?, ?, 1290, 'EUR', ?, ?, '')`;
		await env.BILLING_DB_00.batch([
			env.BILLING_DB_00.prepare(text).bind("att_1", ada, last, 1, "declined_soft", last, last + 1, bill, "insufficient_funds"),
			env.BILLING_DB_00.prepare(text).bind("att_2", ada, last, 2, "started", last + 2, null, bill, null),
		]);

		const { body } = await ask(ofAda);

		expect(body.items).toHaveLength(24);
		const tried = { amountMinor: 1290, currency: "EUR", chargeRef: null, card: { brand: "visa", last4: "1111" } };
		expect(body.items?.[0]).toMatchObject({ from: iso(last) });
		expect(body.items?.[0]?.attempts).toEqual([
			{ id: "att_2", state: "started", startedAt: iso(last + 2), settledAt: null, reason: null, ...tried },
			{
				id: "att_1",
				state: "declined_soft",
				startedAt: iso(last),
				settledAt: iso(last + 1),
				reason: "insufficient_funds",
				...tried,
			},
		]);
	});

	it.each([
		["nobody", newId("cus", "00")],
		["a customer of no shard", newId("cus", "ff")],
		["something else", "nonsense"],
	])("404 for %s", async (_, id) => {
		expect(await ask(`/api/v1/customers/${id}/periods`)).toMatchObject({ status: 404, body: { code: "not_found" } });
	});
});

describe("to try a parked period again", () => {
	it("makes it due now, in a new round, with an audit row", async () => {
		await given(ada, 0);
		const before = Date.now();

		const { status, body } = await retry(retryPath(ada));

		expect({ status, body }).toMatchObject({
			status: 200,
			body: { customerId: ada, from: iso(first), state: "due", declines: 0 },
		});
		const [row] = await rowsOf<Record<string, number>>(env.BILLING_DB_00, "select attempt_at, look_at, round_at from periods");
		expect(row?.["attempt_at"]).toBeGreaterThanOrEqual(before);
		expect(row).toMatchObject({ look_at: row?.["attempt_at"], round_at: null });
		expect(await rowsOf(env.BILLING_DB_00, "select actor, action, subject, before, after from audit")).toEqual([
			{
				actor: staffEmail,
				action: "period_retried",
				subject: ada,
				before: JSON.stringify({ from: first, state: "parked", declines: 4, chargeRef: null }),
				after: JSON.stringify({ from: first, state: "due", declines: 0 }),
			},
		]);
	});

	it.each(["due", "paid", "void"])("409 for one that is %s, and nothing is changed", async (state) => {
		await given(grace, 0, state);

		expect(await retry(retryPath(grace))).toMatchObject({ status: 409, body: { code: "period_not_parked" } });
		expect(await rowsOf(env.BILLING_DB_01, "select state, declines from periods")).toEqual([{ state, declines: 4 }]);
		expect(await rowsOf(env.BILLING_DB_01, "select 1 from audit")).toEqual([]);
	});

	it.each([
		["404 for a period that is not there", retryPath(ada, iso(first + 1)), "{}", 404],
		["404 for a customer of no shard", retryPath(newId("cus", "ff")), "{}", 404],
		["422 for what is no instant", retryPath(ada, "yesterday"), "{}", 422],
		["422 for an impossible day", retryPath(ada, "2026-02-31T99:00:00.000Z"), "{}", 422],
		["422 for an unknown field", retryPath(ada), '{"a":1}', 422],
		["400 for no JSON", retryPath(ada), "{", 400],
	])("%s", async (_, path, body, status) => {
		await given(ada, 0);

		expect(await retry(path, body)).toMatchObject({ status });
		expect(await rowsOf(env.BILLING_DB_00, "select state from periods")).toEqual([{ state: "parked" }]);
	});
});

it.each([
	["GET", periodsPath],
	["GET", ofAda],
	["POST", retryPath(ada)],
])("%s %s is for the helpdesk and administrators alone", async (method, path) => {
	await given(ada, 0);
	const body = method === "POST" ? { body: "{}" } : {};
	const tokens = [
		null,
		await accessToken({ forged: true }),
		await accessToken({ email: "stranger@squad.example" }),
		await accessToken({ email: "expert@squad.example" }),
	];

	const answers = await Promise.all(tokens.map((token) => ask(path, { method, token, ...body })));

	expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 403]);
	expect(await rowsOf(env.BILLING_DB_00, "select state from periods")).toEqual([{ state: "parked" }]);
});
