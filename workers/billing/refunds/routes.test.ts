import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { Random } from "../../../shared/testing/random.ts";
import { givenPaid, givenRefund } from "../../../shared/testing/refunds.ts";
import { accessToken, administratorEmail, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";
import worker from "../index.ts";
import { mostRefunds, type RefundView } from "./refund.ts";

beforeAll(async () => {
	await migrateDatabases();
	await env.BILLING_DB_00.prepare(
		"insert into staff values (?, 'helpdesk'), ('expert@squad.example', 'expert'), (?, 'administrator')",
	)
		.bind(staffEmail, administratorEmail)
		.run();
});
beforeEach(async () => {
	serveCerts();
	for (const database of [env.BILLING_DB_00, env.BILLING_DB_01]) {
		const tables = ["refunds", "attempts", "invoices", "audit"];
		await database.batch(tables.map((table) => database.prepare(`delete from ${table}`)));
	}
});
afterEach(() => {
	vi.unstubAllGlobals();
});

interface Options {
	body?: unknown;
	key?: string | null;
	email?: string;
	token?: string;
	type?: string;
}

async function ask<Body = Record<string, unknown>>(method: string, path: string, options: Options = {}) {
	const { body, email = staffEmail, key = crypto.randomUUID(), type = "application/json" } = options;
	const token = options.token ?? (await accessToken({ email }));
	const headers: Record<string, string> = token === "" ? {} : { "cf-access-jwt-assertion": token };
	if (method === "POST") headers["content-type"] = type;
	if (method === "POST" && key !== null) headers["idempotency-key"] = key;
	const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
	const execution = createExecutionContext();
	const response = await worker.fetch(new Request(`https://billing.test${path}`, { method, headers, ...init }), env, execution);
	await waitOnExecutionContext(execution);
	const text = await response.text();
	return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Body }; // the assertions check it
}
const askRefund = (invoiceId: string, body: unknown, options: Options = {}) =>
	ask<RefundView>("POST", `/api/v1/invoices/${invoiceId}/refunds`, { body, ...options });
const reason = "Nobody came.";

const fail = (refundId: string) =>
	env.BILLING_DB_00.prepare(
		"update refunds set state = 'failed', look_at = null, refusals = 1, settled_at = 1 where refund_id = ?",
	)
		.bind(refundId)
		.run();
const retry = (refundId: string, options: Options = {}) =>
	ask<RefundView>("POST", `/api/v1/refunds/${refundId}/retry`, { body: {}, ...options });
const audits = (database: D1Database = env.BILLING_DB_00) =>
	rowsOf(database, "select actor, action, subject, before, after from audit order by at, action");
/** Everything but what the job may do with a refund at any time. */
const contents = () => contentsOf(env.BILLING_DB_00, env.BILLING_DB_01);

describe("POST invoices/{id}/refunds", () => {
	it("no part is less than nothing, though what billing owed took more of the tax than its share", async () => {
		const { invoiceId, attemptId } = await givenPaid(env.BILLING_DB_00, "00", {
			invoice: { netMinor: 100, tax: { region: "south", basisPoints: 1900, amountMinor: 19 } },
		});
		for (const id of ["rfd_1", "rfd_2"]) {
			const text = `insert into refunds (refund_id, customer_id, attempt_id, state, requested_at, requested_by, reason, net_minor,
				tax_minor, currency, request_digest) select '${id}', customer_id, attempt_id, 'refunded', 1, 'billing', '', 3, 1, currency, ''
				from attempts where attempt_id = ?`;
			await env.BILLING_DB_00.prepare(text).bind(attemptId).run();
		}

		const { body } = await askRefund(invoiceId, { amountMinor: 1, reason });

		expect([body.netMinor, body.taxMinor]).toEqual([1, 0]);
	});

	it.each(["00", "01"] as const)(
		"202: all that is left, with an audit row, and the job takes it up at once (shard %s)",
		async (shard) => {
			const database = shard === "00" ? env.BILLING_DB_00 : env.BILLING_DB_01;
			const { invoiceId, attemptId } = await givenPaid(database, shard);

			const answer = await askRefund(invoiceId, { reason: " <i>Nobody</i> came & \u{1F4FA}. " });

			expect(answer).toMatchObject({ status: 202 });
			const told = "<i>Nobody</i> came & \u{1F4FA}.";
			expect(answer.body).toEqual({
				id: expect.stringMatching(`^rfd_${shard}`),
				invoiceId,
				state: "due",
				amountMinor: 1190,
				netMinor: 1000,
				taxMinor: 190,
				currency: "EUR",
				reason: told,
				requestedBy: staffEmail,
				requestedAt: expect.stringMatching(/Z$/),
				settledAt: null,
				creditNoteId: null,
			});
			// nobody answers for the provider here: it was asked, and is looked up later
			expect(await rowsOf(database, "select state, lookups from refunds")).toEqual([{ state: "unknown", lookups: 1 }]);
			const after = { state: "due", attemptId, netMinor: 1000, taxMinor: 190, currency: "EUR", reason: told };
			expect(await audits(database)).toEqual([
				{ actor: staffEmail, action: "refund_requested", subject: answer.body.id, before: null, after: JSON.stringify(after) },
			]);
		},
	);

	it("the same again gives the same refund as it is by now; another body, or another invoice of the shard, is refused", async () => {
		const [{ invoiceId }, other] = [
			await givenPaid(env.BILLING_DB_00, "00"),
			await givenPaid(env.BILLING_DB_00, "00", { number: 2 }),
		];
		const first = await askRefund(invoiceId, { amountMinor: 100, reason }, { key: "once" });
		const before = await contents();

		const again = await askRefund(invoiceId, { amountMinor: 100, reason }, { key: "once" });
		const conflicts = [
			await askRefund(invoiceId, { amountMinor: 101, reason }, { key: "once" }),
			await askRefund(invoiceId, { reason }, { key: "once" }),
			await askRefund(invoiceId, { amountMinor: 100, reason: "Another." }, { key: "once" }),
			await askRefund(other.invoiceId, { amountMinor: 100, reason }, { key: "once" }),
		];

		expect(again).toMatchObject({ status: 202, body: { id: first.body.id, state: "unknown" } });
		for (const conflict of conflicts) expect(conflict).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
		expect(await contents()).toEqual(before);
		const hers = await askRefund(invoiceId, { amountMinor: 100, reason }, { key: "once", email: administratorEmail });
		expect(hers.body.id).not.toBe(first.body.id);
	});

	it("two at once cannot give back more than was charged", async () => {
		for (const amounts of [
			[1190, 1190],
			[600, 600],
			[undefined, undefined],
			[undefined, 1],
			[400, 400, 400, 400],
		]) {
			const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
			const answers = await Promise.all(amounts.map((amountMinor) => askRefund(invoiceId, { amountMinor, reason })));
			const [{ total }] = (await rowsOf<{ total: number }>(
				env.BILLING_DB_00,
				"select sum(net_minor + tax_minor) as total from refunds where attempt_id = ?",
				`att_${invoiceId.slice(4)}`,
			)) as [{ total: number }]; // a sum is one row
			expect(total).toBeLessThanOrEqual(1190);
			expect(answers.filter(({ status }) => status === 202).length).toBeGreaterThan(0);
			for (const { status, text } of answers) {
				if (status !== 202) expect([status, JSON.parse(text).code]).toEqual([409, "refund_too_large"]);
			}
			expect(answers.some(({ status }) => status === 409)).toBe(true);
			await env.BILLING_DB_00.prepare("delete from invoices").run();
		}
	});

	it("row 25: the parts of all refunds sum to those of the invoice, however it is given back", async () => {
		const random = new Random(2525);
		for (let number = 1; number <= 25; number++) {
			const netMinor = random.pick([1, 2, 99, random.between(1, 100_000)]);
			const tax = { region: "south", basisPoints: 0, amountMinor: random.between(0, netMinor + 1) };
			const { invoiceId, attemptId } = await givenPaid(env.BILLING_DB_00, "00", { number, invoice: { netMinor, tax } });
			let left = netMinor + tax.amountMinor;
			while (left > 0) {
				const amountMinor = random.chance(0.4) ? undefined : random.between(1, Math.max(2, Math.ceil(left / 2) + 1));
				const { status, body } = await askRefund(invoiceId, { amountMinor, reason });
				expect(status).toBe(202);
				expect(body.netMinor + body.taxMinor).toBe(body.amountMinor);
				expect(Math.min(body.netMinor, body.taxMinor)).toBeGreaterThanOrEqual(0);
				// some are refused by the provider, and their parts are to be given back by others
				if (random.chance(0.3)) await fail(body.id);
				else left -= body.amountMinor;
			}
			const text = "select sum(net_minor) as net, sum(tax_minor) as tax from refunds where attempt_id = ? and state <> 'failed'";
			expect(await rowsOf(env.BILLING_DB_00, text, attemptId)).toEqual([{ net: netMinor, tax: tax.amountMinor }]);
		}
	});

	it("a part is split as the invoice is, rounded half up", async () => {
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
		const parts = [];
		for (const amountMinor of [595, 3, 3, undefined]) parts.push((await askRefund(invoiceId, { amountMinor, reason })).body);
		// 95; then 0.48 and 0.96 of a cent; then the rest
		expect(parts.map(({ taxMinor }) => taxMinor)).toEqual([95, 0, 1, 94]);
	});

	it.each([
		["a credit note", { invoice: { kind: "credit_note" } }],
		[
			"what cost nothing",
			{ invoice: { netMinor: 0, tax: { region: null, basisPoints: 0, amountMinor: 0 } }, attempt: { charge_ref: null } },
		],
		["what was not approved", { attempt: { state: "unknown", charge_ref: null } }],
		["what was not charged", { attempt: { charge_ref: null } }],
		["what was declined", { attempt: { state: "declined_hard" } }],
	] as const)("409 for %s", async (_, given) => {
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00", given);
		const before = await contents();
		expect(await askRefund(invoiceId, { reason })).toMatchObject({ status: 409, body: { code: "not_refundable" } });
		expect(await contents()).toEqual(before);
	});

	it("409 for the credit note of a refund, and 404 for what is no id of an invoice", async () => {
		const { attemptId } = await givenPaid(env.BILLING_DB_00, "00");
		const noteId = newId("inv", "00");
		await env.BILLING_DB_00.prepare(`insert into invoices (invoice_id, kind, number, customer_id, issued_at, payment_id, currency,
			total_minor, document, run) select ?, 'credit_note', number, customer_id, issued_at, ?, currency, total_minor, document, run
			from invoices where payment_id = ?`)
			.bind(noteId, `rfd_${noteId.slice(4)}`, attemptId)
			.run();
		expect(await askRefund(noteId, { reason })).toMatchObject({ status: 409, body: { code: "not_refundable" } });
		expect(await askRefund(attemptId, { reason })).toMatchObject({ status: 404 });
	});

	it("409 for more than is left, and for anything when nothing is", async () => {
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
		const tooLarge = { status: 409, body: { code: "refund_too_large" } };
		expect(await askRefund(invoiceId, { amountMinor: 1191, reason })).toMatchObject(tooLarge);
		await askRefund(invoiceId, { reason });
		expect(await askRefund(invoiceId, { amountMinor: 1, reason })).toMatchObject(tooLarge);
		expect(await askRefund(invoiceId, { reason })).toMatchObject(tooLarge);
		expect(await rowsOf(env.BILLING_DB_00, "select count(*) as n from refunds")).toEqual([{ n: 1 }]);
	});

	it("409 after fifty, failed ones too", async () => {
		const paid = await givenPaid(env.BILLING_DB_00, "00");
		for (let i = 0; i < mostRefunds; i++) {
			await givenRefund(env.BILLING_DB_00, paid, { net_minor: 1, tax_minor: 0, look_at: null, state: i ? "failed" : "refunded" });
		}
		const answer = await askRefund(paid.invoiceId, { reason });
		expect(answer).toMatchObject({ status: 409, body: { code: "too_many_refunds" } });
	});

	it.each([
		["nobody's", newId("inv", "00")],
		["one of no shard", newId("inv", "ff")],
		["nonsense", "nonsense"],
		["SQL", "inv_00'; drop table refunds; --"],
	])("404 for an invoice that is %s", async (_, invoiceId) => {
		const answer = await askRefund(encodeURIComponent(invoiceId), { reason });
		expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
	});

	it.each([
		["no reason", {}],
		["an empty one", { reason: " " }],
		["a long one", { reason: "x".repeat(501) }],
		["one that is too long for an invoice", { reason: "😀".repeat(151) }],
		["one with a line break", { reason: "a\nb" }],
		["nothing", { reason, amountMinor: 0 }],
		["less than nothing", { reason, amountMinor: -1 }],
		["half a cent", { reason, amountMinor: 0.5 }],
		["too much to count", { reason, amountMinor: 2 ** 53 }],
		["a text for an amount", { reason, amountMinor: "1" }],
		["null for an amount", { reason, amountMinor: null }],
		["an unknown field", { reason, currency: "USD" }],
		["a list", [{ reason }]],
	])("422 for %s", async (_, body) => {
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
		const before = await contents();
		expect(await askRefund(invoiceId, body)).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		expect(await contents()).toEqual(before);
	});

	it("400 without an Idempotency-Key, with a malformed one, or a malformed body; 415 for a form", async () => {
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
		const answers = [
			await askRefund(invoiceId, { reason }, { key: null }),
			await askRefund(invoiceId, { reason }, { key: "with a space" }),
			await askRefund(invoiceId, "{"),
			await askRefund(invoiceId, { reason }, { type: "application/x-www-form-urlencoded" }),
		];
		expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 415]);
		expect(await rowsOf(env.BILLING_DB_00, "select * from refunds")).toEqual([]);
	});
});

describe("POST refunds/{id}/retry", () => {
	it("202: what has failed is due again, audited, and looked at at once", async () => {
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
		const { body } = await askRefund(invoiceId, { reason });
		await fail(body.id);

		const answer = await retry(body.id, { email: administratorEmail });

		expect(answer).toMatchObject({ status: 202, body: { id: body.id, state: "due", amountMinor: 1190, settledAt: null } });
		expect(await rowsOf(env.BILLING_DB_00, "select state, lookups, refusals from refunds")).toEqual([
			{ state: "unknown", lookups: 1, refusals: 1 },
		]);
		const [, retried] = await audits();
		expect(retried).toMatchObject({ actor: administratorEmail, action: "refund_retried", subject: body.id });
	});

	it("its parts are those that are left now", async () => {
		const { invoiceId, attemptId } = await givenPaid(env.BILLING_DB_00, "00", {
			invoice: { netMinor: 2, tax: { region: null, basisPoints: 5000, amountMinor: 1 } },
		});
		const one = await askRefund(invoiceId, { amountMinor: 1, reason });
		await fail(one.body.id);
		await askRefund(invoiceId, { amountMinor: 2, reason });
		await retry(one.body.id);
		const text = "select sum(net_minor) as net, sum(tax_minor) as tax from refunds where attempt_id = ?";
		expect(await rowsOf(env.BILLING_DB_00, text, attemptId)).toEqual([{ net: 2, tax: 1 }]);
	});

	it("409 when the rest was given back meanwhile, or is at the same time", async () => {
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
		const { body } = await askRefund(invoiceId, { reason });
		await fail(body.id);
		const ends = await Promise.all([retry(body.id), retry(body.id), askRefund(invoiceId, { reason })]);
		expect(ends.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
		await env.BILLING_DB_00.prepare("update refunds set state = 'refunded', look_at = null where refund_id <> ?")
			.bind(body.id)
			.run();
		await fail(body.id);
		await askRefund(invoiceId, { amountMinor: 1190, reason });
		expect(await retry(body.id)).toMatchObject({ status: 409, body: { code: "refund_too_large" } });
	});

	it("is counted with what was given back of its own invoice, and of no other", async () => {
		const { invoiceId: dear } = await givenPaid(env.BILLING_DB_00, "00", { number: 2, invoice: { netMinor: 1_000_000 } });
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
		expect(await askRefund(dear, { reason })).toMatchObject({ status: 202 });
		const { body } = await askRefund(invoiceId, { amountMinor: 100, reason });
		await fail(body.id);

		expect(await retry(body.id)).toMatchObject({
			status: 202,
			body: { state: "due", amountMinor: 100, netMinor: 84, taxMinor: 16 },
		});
	});

	it("409 for one that has not failed, 404 for none", async () => {
		const { invoiceId } = await givenPaid(env.BILLING_DB_00, "00");
		const { body } = await askRefund(invoiceId, { reason });
		const before = await contents();
		expect(await retry(body.id)).toMatchObject({ status: 409, body: { code: "not_failed" } });
		for (const id of [newId("rfd", "00"), newId("rfd", "ff"), "nonsense"]) {
			expect(await retry(id)).toMatchObject({ status: 404, body: { code: "not_found" } });
		}
		expect(await retry(body.id, { body: { state: "refunded" } })).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		expect(await contents()).toEqual(before);
	});
});

describe("GET refunds?state=failed", () => {
	it("shows those of all shards, the oldest first, a page at a time", async () => {
		const expected: string[] = [];
		for (let i = 0; i < 9; i++) {
			const [database, shard] = i % 3 ? ([env.BILLING_DB_00, "00"] as const) : ([env.BILLING_DB_01, "01"] as const);
			const paid = await givenPaid(database, shard, { number: i + 1 });
			await givenRefund(database, paid, {
				state: i === 4 ? "due" : "failed",
				look_at: null,
				requested_at: 1000 + Math.floor(i / 2),
			});
		}
		for (const database of [env.BILLING_DB_00, env.BILLING_DB_01]) {
			const text = "select refund_id, requested_at from refunds where state = 'failed'";
			const rows = await rowsOf<{ refund_id: string; requested_at: number }>(database, text);
			expected.push(...rows.map(({ refund_id, requested_at }) => `${requested_at} ${refund_id}`));
		}
		const seen: RefundView[] = [];
		let cursor = "";
		do {
			const { status, body } = await ask<{ items: RefundView[]; next: string | null }>(
				"GET",
				`/api/v1/refunds?state=failed&limit=3&cursor=${cursor}`,
			);
			expect(status).toBe(200);
			seen.push(...body.items);
			cursor = body.next ?? "";
		} while (cursor !== "");
		expect(seen.map(({ id, requestedAt }) => `${Date.parse(requestedAt)} ${id}`)).toEqual(expected.sort());
		expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(["failed"]));
	});

	it.each(["", "?state=due", "?state=failed&limit=0", "?state=failed&cursor=nonsense"])("422 for %s", async (query) => {
		expect(await ask("GET", `/api/v1/refunds${query}`)).toMatchObject({ status: 422, body: { code: "invalid_field" } });
	});
});

it("nobody but helpdesk and administrators sees or does any of it", async () => {
	const { invoiceId, customerId } = await givenPaid(env.BILLING_DB_00, "00");
	const before = await contents();
	const requests = [
		["GET", `/api/v1/invoices/${invoiceId}`],
		["GET", `/api/v1/customers/${customerId}/invoices`],
		["GET", "/api/v1/refunds?state=failed"],
		["POST", `/api/v1/invoices/${invoiceId}/refunds`],
		["POST", `/api/v1/refunds/${newId("rfd", "00")}/retry`],
	] as const;
	for (const [method, path] of requests) {
		const body = method === "POST" ? { body: { reason } } : {};
		const answers = [
			await ask(method, path, { token: "", ...body }),
			await ask(method, path, { token: await accessToken({ forged: true }), ...body }),
			await ask(method, path, { email: "stranger@squad.example", ...body }),
			await ask(method, path, { email: "expert@squad.example", ...body }),
		];
		expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 403]);
		for (const { headers } of answers) expect(headers.get("cache-control")).toBe("no-store");
	}
	expect(await contents()).toEqual(before);
});
