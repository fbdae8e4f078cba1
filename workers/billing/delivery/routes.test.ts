import { listDurableObjectIds, runDurableObjectAlarm } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { rowsOf } from "../../../shared/testing/database.ts";
import { givenDelivery } from "../../../shared/testing/deliveries.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { accessToken, administratorEmail, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";

beforeAll(async () => {
	await migrateDatabases();
	await env.BILLING_DB_00.prepare(
		"insert into staff values (?, 'helpdesk'), ('expert@squad.example', 'expert'), (?, 'administrator')",
	)
		.bind(staffEmail, administratorEmail)
		.run();
});
beforeEach(async () => {
	for (const database of [env.BILLING_DB_00, env.BILLING_DB_01]) {
		await database.batch(["deliveries", "invoices", "audit"].map((table) => database.prepare(`delete from ${table}`)));
	}
	serveCerts();
});
afterEach(() => {
	vi.unstubAllGlobals();
});

async function ask(path = "", { token, body }: { token?: string | null; body?: string } = {}) {
	const assertion = token === undefined ? await accessToken() : token;
	const headers = {
		...(assertion === null ? {} : { "cf-access-jwt-assertion": assertion }),
		...(body === undefined ? {} : { "content-type": "application/json" }),
	};
	const init = { headers, ...(body === undefined ? {} : { method: "POST", body }) };
	const answer = await exports.default.fetch(new Request(`https://billing.test/api/v1/deliveries${path}`, init));
	return {
		status: answer.status,
		cache: answer.headers.get("cache-control"),
		body: await answer.json<Record<string, unknown>>(),
	};
}
const numbersOf = ({ body }: { body: Record<string, unknown> }) =>
	(body["items"] as { number: string }[]).map(({ number }) => number.slice(4)); // a page's
const inSecondShard = () => ({ invoiceId: newId("inv", "01") });

describe("GET deliveries", () => {
	it("lists what has not arrived, of every shard, the oldest first, with what was rejected and why", async () => {
		const now = Date.now();
		const waiting = await givenDelivery(env.BILLING_DB_00, { createdAt: now - 60_000 });
		await givenDelivery(env.BILLING_DB_01, { ...inSecondShard(), createdAt: now - 90_000, rejectedReason: "schema" });
		const delivered = await givenDelivery(env.BILLING_DB_00, { number: 2 });
		await env.BILLING_DB_00.prepare("update deliveries set delivered_at = 1 where invoice_id = ?")
			.bind(delivered.invoiceId)
			.run();

		const { status, cache, body } = await ask();

		expect([status, cache]).toEqual([200, "no-store"]);
		expect(body).toMatchObject({ next: null, items: [{ number: "INV-01-000001", rejectedReason: "schema" }, {}] });
		const { invoiceId, customerId } = waiting;
		const createdAt = new Date(now - 60_000).toISOString();
		const [, second] = body["items"] as { ageSeconds: number }[]; // it has two
		expect(second).toEqual({
			invoiceId,
			number: "INV-00-000001",
			customerId,
			createdAt,
			ageSeconds: expect.toSatisfy((age) => age >= 60 && age < 90),
			rejectedReason: null,
		});
	});

	it("goes on where a page ended, over all shards and within one millisecond", async () => {
		for (let i = 1; i <= 5; i++) {
			await givenDelivery(env.BILLING_DB_00, { number: i, createdAt: i < 4 ? 1000 : 3000 });
			await givenDelivery(env.BILLING_DB_01, { ...inSecondShard(), number: i, createdAt: 2000 });
		}
		const seen: string[] = [];
		let cursor: unknown = "";
		for (let pages = 0; cursor !== null; pages++) {
			expect(pages).toBeLessThan(5);
			const page = await ask(`?limit=3&cursor=${cursor}`);
			seen.push(...numbersOf(page));
			cursor = page.body["next"];
		}
		expect(seen.map((number) => number.slice(0, 2))).toEqual(["00", "00", "00", "01", "01", "01", "01", "01", "00", "00"]);
		expect(new Set(seen).size).toBe(10);
	});

	it.each(["limit=0", "limit=101", "limit=x", "cursor=none"])("answers 422 for %s", async (query) => {
		expect(await ask(`?${query}`)).toMatchObject({ status: 422, body: { code: "invalid_field" } });
	});
});

describe("POST deliveries/{invoiceId}/redeliver", () => {
	it("forgets why it was rejected, with a note of who has asked, and sets its object to work", async () => {
		const sent = vi.spyOn(env.INVOICES, "sendBatch");
		const { invoiceId } = await givenDelivery(env.BILLING_DB_01, { ...inSecondShard(), rejectedReason: "schema" });

		expect(await ask(`/${invoiceId}/redeliver`, { body: "{}" })).toMatchObject({
			status: 200,
			body: { invoiceId, rejectedReason: null },
		});

		const audit = await rowsOf(env.BILLING_DB_01, "select actor, action, subject, before from audit");
		const before = '{"rejectedReason":"schema"}';
		expect(audit).toEqual([{ actor: staffEmail, action: "invoice_redelivered", subject: invoiceId, before }]);
		const namespace = env.INVOICE_DELIVERY as unknown as DurableObjectNamespace; // a class without RPC
		await runDurableObjectAlarm(namespace.get(namespace.idFromName(invoiceId)));
		expect(sent).toHaveBeenCalledTimes(1);
		sent.mockRestore();
	});

	it("asked twice does no harm", async () => {
		const { invoiceId } = await givenDelivery(env.BILLING_DB_00);
		for (let i = 0; i < 2; i++) expect((await ask(`/${invoiceId}/redeliver`, { body: "{}" })).status).toBe(200);
	});

	it("409 for what has arrived, and nothing is noted", async () => {
		const { invoiceId } = await givenDelivery(env.BILLING_DB_00);
		await env.BILLING_DB_00.prepare("update deliveries set delivered_at = 1").run();
		expect(await ask(`/${invoiceId}/redeliver`, { body: "{}" })).toMatchObject({
			status: 409,
			body: { code: "invoice_delivered" },
		});
		expect(await rowsOf(env.BILLING_DB_00, "select 1 from audit")).toEqual([]);
	});

	it.each([
		["an unknown invoice", newId("inv", "00")],
		["one of no shard", newId("inv", "7f")],
		["something else", "nonsense"],
	])("row 22: 404 for %s, and there is no object of that name", async (_, invoiceId) => {
		const objects = await listDurableObjectIds(env.INVOICE_DELIVERY);
		expect(await ask(`/${invoiceId}/redeliver`, { body: "{}" })).toMatchObject({ status: 404, body: { code: "not_found" } });
		expect(await listDurableObjectIds(env.INVOICE_DELIVERY)).toHaveLength(objects.length);
	});

	it("refuses a body that says something", async () => {
		const { invoiceId } = await givenDelivery(env.BILLING_DB_00);
		expect(await ask(`/${invoiceId}/redeliver`, { body: '{"all":true}' })).toMatchObject({ status: 422 });
	});
});

it("nobody else sees or does it", async () => {
	const { invoiceId } = await givenDelivery(env.BILLING_DB_00, { rejectedReason: "schema" });
	const tokens = [null, await accessToken({ forged: true }), await accessToken({ email: "expert@squad.example" })];
	for (const [i, token] of tokens.entries()) {
		const status = i < 2 ? 401 : 403;
		expect(await ask("", { token })).toMatchObject({ status });
		expect(await ask(`/${invoiceId}/redeliver`, { token, body: "{}" })).toMatchObject({ status });
	}
	expect(await rowsOf(env.BILLING_DB_00, "select rejected_reason as reason from deliveries")).toEqual([{ reason: "schema" }]);
	expect((await ask("", { token: await accessToken({ email: administratorEmail }) })).status).toBe(200);
});
