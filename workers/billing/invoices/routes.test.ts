import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { givenPaid, givenRefund, someBuyer, someSeller } from "../../../shared/testing/refunds.ts";
import { accessToken, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";

beforeAll(async () => {
	await migrateDatabases();
	await env.BILLING_DB_00.prepare("insert into staff values (?, 'helpdesk')").bind(staffEmail).run();
});
beforeEach(async () => {
	serveCerts();
	for (const database of [env.BILLING_DB_00, env.BILLING_DB_01]) {
		const tables = ["refunds", "attempts", "invoices", "deliveries"];
		await database.batch(tables.map((table) => database.prepare(`delete from ${table}`)));
	}
});
afterEach(() => {
	vi.unstubAllGlobals();
});

async function get<Body = Record<string, unknown>>(path: string): Promise<{ status: number; body: Body }> {
	const headers = { "cf-access-jwt-assertion": await accessToken() };
	const response = await exports.default.fetch(new Request(`https://billing.test${path}`, { headers }));
	return { status: response.status, body: (await response.json()) as Body }; // the assertions check it
}

it.each(["00", "01"] as const)(
	"an invoice is shown as it was issued, with its delivery and what was given back (shard %s)",
	async (shard) => {
		const database = shard === "00" ? env.BILLING_DB_00 : env.BILLING_DB_01;
		const text = `<script>alert("x")</script> שלום`;
		const from = Date.UTC(2028, 0, 31);
		const period = { from, to: Date.UTC(2028, 1, 29) };
		const lines = [{ kind: "contract" as const, text, period, amountMinor: 1000 }];
		const paid = await givenPaid(database, shard, { invoice: { lines, period, issuedAt: from + 1 } });
		const { invoiceId } = paid;
		await database
			.prepare("insert into deliveries values (?, 'evt_1', ?, 0, null, 'schema')")
			.bind(invoiceId, from + 2)
			.run();
		const first = await givenRefund(database, paid, { net_minor: 10, tax_minor: 2, requested_at: from + 3, look_at: null });
		const done = { state: "refunded", requested_at: from + 4, settled_at: from + 5, look_at: null };
		const second = await givenRefund(database, paid, done);
		await givenRefund(database, await givenPaid(database, shard, { number: 2 }));

		const { status, body } = await get(`/api/v1/invoices/${invoiceId}`);

		expect(status).toBe(200);
		const shown = { from: "2028-01-31T00:00:00.000Z", to: "2028-02-29T00:00:00.000Z" };
		expect(body).toEqual({
			invoiceId,
			kind: "invoice",
			number: `INV-${shard}-000001`,
			issuedAt: "2028-01-31T00:00:00.001Z",
			seller: someSeller,
			buyer: someBuyer,
			period: shown,
			lines: [{ kind: "contract", text, period: shown, amountMinor: 1000 }],
			currency: "EUR",
			netMinor: 1000,
			tax: { region: "south", basisPoints: 1900, amountMinor: 190 },
			totalMinor: 1190,
			card: { brand: "visa", last4: "4242" },
			corrects: null,
			language: "en",
			delivery: { createdAt: "2028-01-31T00:00:00.002Z", deliveredAt: null, rejectedReason: "schema" },
			refunds: [
				expect.objectContaining({
					id: second,
					state: "refunded",
					settledAt: "2028-01-31T00:00:00.005Z",
					creditNoteId: `inv_${second.slice(4)}`,
				}),
				expect.objectContaining({ id: first, state: "due", amountMinor: 12, creditNoteId: null, requestedBy: "billing" }),
			],
		});
	},
);

it.each([newId("inv", "00"), newId("inv", "ff"), "nonsense"])("404 for an invoice that is not there: %s", async (invoiceId) => {
	expect(await get(`/api/v1/invoices/${invoiceId}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
});

it("a customer's invoices and credit notes come a page at a time, the newest first, and nobody else's", async () => {
	const customerId = newId("cus", "01");
	const expected: string[] = [];
	for (let i = 1; i <= 7; i++) {
		const invoice = { issuedAt: 1000 + Math.floor(i / 2), kind: i === 5 ? ("credit_note" as const) : ("invoice" as const) };
		const { invoiceId } = await givenPaid(env.BILLING_DB_01, "01", { customerId, number: i, invoice });
		expected.push(`${invoice.issuedAt} ${invoiceId} ${invoice.kind}`);
	}
	await givenPaid(env.BILLING_DB_01, "01", { number: 8 });
	const [newest] = expected.toSorted().reverse();
	await env.BILLING_DB_01.prepare("insert into deliveries values (?, 'evt_1', 1, 1, 5, null)").bind(newest?.split(" ")[1]).run();

	const seen: Record<string, unknown>[] = [];
	let cursor = "";
	do {
		const { status, body } = await get<{ items: Record<string, unknown>[]; next: string | null }>(
			`/api/v1/customers/${customerId}/invoices?limit=3&cursor=${cursor}`,
		);
		expect(status).toBe(200);
		seen.push(...body.items);
		cursor = body.next ?? "";
	} while (cursor !== "");

	const shown = seen.map(({ id, issuedAt, kind }) => `${Date.parse(String(issuedAt))} ${id} ${kind}`);
	expect(shown).toEqual(expected.toSorted().reverse());
	expect(seen[0]).toEqual({
		id: newest?.split(" ")[1],
		kind: "invoice",
		number: expect.stringMatching(/^INV-01-00000[67]$/),
		issuedAt: "1970-01-01T00:00:01.003Z",
		currency: "EUR",
		totalMinor: 1190,
		deliveredAt: "1970-01-01T00:00:00.005Z",
	});
	expect(seen[1]?.["deliveredAt"]).toBeNull();
});

it("a customer without any has an empty list; one of no shard is not found; a wrong cursor is refused", async () => {
	const path = (id: string) => `/api/v1/customers/${id}/invoices`;
	expect(await get(path(newId("cus", "00")))).toEqual({ status: 200, body: { items: [], next: null } });
	expect(await get(path(newId("cus", "ff")))).toMatchObject({ status: 404, body: { code: "not_found" } });
	const wrong = await get(`${path(newId("cus", "00"))}?cursor=nonsense`);
	expect(wrong).toMatchObject({ status: 422, body: { code: "invalid_field" } });
});
