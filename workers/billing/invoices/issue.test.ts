import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Invoice } from "../../../shared/events/billing.ts";
import { shardOf } from "../../../shared/ids.ts";
import { commitRows, effect } from "../../../shared/messaging/effects.ts";
import { CostSheet, costsOf } from "../../../shared/testing/counting.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { someInvoice } from "../../../shared/testing/refunds.ts";
import { billingCtx } from "../context.ts";
import { type Draft, ensureDeliveries, invoiceIdOf, issuing, type WithDraft } from "./issue.ts";

const effects = issuing("m.value->>'$.paid' is not false").map(effect);
const failing = [...issuing("true"), "insert into no_such_table values (1)"].map(effect);

interface Paid extends WithDraft {
	readonly subject: string;
	readonly paid: boolean;
}

/** A payment with its invoice, or the credit note of a refund. */
function payment(shard: string, prefix: "att" | "rfd" = "att", more: Partial<Draft> = {}): Paid {
	const paymentId = newId(prefix, shard);
	const { number: _, ...draft } = someInvoice({
		invoiceId: invoiceIdOf(paymentId),
		kind: prefix === "att" ? "invoice" : "credit_note",
		...more,
	});
	return { subject: newId("cus", shard), paymentId, invoice: draft, paid: true };
}
const payments = (count: number, shard = "00") => Array.from({ length: count }, () => payment(shard));

const ctxOf = (bindings: Cloudflare.Env = env) => billingCtx(bindings, createExecutionContext());
const issue = (rows: readonly Paid[], shard = "00", some = effects, bindings: Cloudflare.Env = env) =>
	commitRows(ctxOf(bindings), shard, { effects: some, rows, params: { shard } });
const issued = (shard = "00") =>
	rowsOf<{ kind: string; number: number; payment_id: string; document: string }>(
		shard === "00" ? env.BILLING_DB_00 : env.BILLING_DB_01,
		"select kind, number, payment_id, document from invoices order by kind desc, number",
	);
const numbers = async (shard = "00") => (await issued(shard)).map(({ document }) => JSON.parse(document).number as string);
const upTo = (count: number, first = 1) =>
	Array.from({ length: count }, (_, i) => `INV-00-${String(first + i).padStart(6, "0")}`);

beforeAll(migrateDatabases);
beforeEach(async () => {
	for (const database of [env.BILLING_DB_00, env.BILLING_DB_01]) {
		await database.batch(["invoices", "deliveries", "series"].map((table) => database.prepare(`delete from ${table}`)));
	}
});

describe("the numbers of a series have no gap:", () => {
	it("a hundred in one batch, in the order of the payments", async () => {
		const rows = payments(100);
		await issue(rows);
		expect(await numbers()).toEqual(upTo(100));
		expect((await issued()).map(({ payment_id }) => payment_id)).toEqual(rows.map(({ paymentId }) => paymentId));
	});

	it("many batches at once", async () => {
		const sizes = [1, 7, 3, 20, 1, 1, 12, 5, 30, 2];
		await Promise.all(sizes.map((size) => issue(payments(size))));
		expect(await numbers()).toEqual(upTo(sizes.reduce((a, b) => a + b)));
	});

	it("batches that fail take none with them", async () => {
		await issue(payments(3));
		const some = [1, 2, 3, 4].map((size, i) => issue(payments(size), "00", i % 2 ? failing : effects));
		const ends = await Promise.allSettled(some);
		expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
		expect(await numbers()).toEqual(upTo(3 + 1 + 3));
	});

	it("those that are not paid take none", async () => {
		const rows = payments(6).map((row, i) => ({ ...row, paid: i % 2 === 0, invoice: i === 2 ? null : row.invoice }));
		await issue(rows);
		expect(await numbers()).toEqual(upTo(2));
	});

	it("invoices and credit notes are numbered apart, and each shard for itself", async () => {
		await issue([payment("00"), payment("00", "rfd"), payment("00"), payment("00", "rfd")]);
		await issue([payment("01"), payment("01", "rfd")], "01");
		expect(await numbers("00")).toEqual(["INV-00-000001", "INV-00-000002", "CRN-00-000001", "CRN-00-000002"]);
		expect(await numbers("01")).toEqual(["INV-01-000001", "CRN-01-000001"]);
	});

	it("a series that was set forward goes on from there", async () => {
		await issue(payments(2));
		await env.BILLING_DB_00.prepare("update series set last = 41 where kind = 'invoice'").run();
		await issue([...payments(2), payment("00", "rfd")]);
		expect(await numbers()).toEqual([...upTo(2), ...upTo(2, 42), "CRN-00-000001"]);
		await issue(payments(1));
		expect((await numbers()).slice(4, 5)).toEqual(upTo(1, 44));
	});

	it("the millionth has seven digits", async () => {
		await env.BILLING_DB_00.prepare("insert into series values ('invoice', 999999)").run();
		await issue(payments(1));
		expect((await issued()).map(({ document }) => v.parse(Invoice, JSON.parse(document)).number)).toEqual(["INV-00-1000000"]);
	});
});

describe("an issued invoice", () => {
	it("is one for each payment: twice in a batch, in two batches, and at once", async () => {
		const [one, two] = [payment("00"), payment("00")];
		await issue([one, two, one]);
		await issue([one, payment("00")]);
		await Promise.all([issue([two]), issue([two]), issue([two, payment("00")])]);
		expect(await numbers()).toEqual(upTo(4));
		expect(await rowsOf(env.BILLING_DB_00, "select count(*) as n from deliveries")).toEqual([{ n: 4 }]);
	});

	it("never changes, whatever is issued for the same payment later", async () => {
		const row = payment("00");
		await issue([row]);
		const before = await issued();
		const { number: _, ...other } = someInvoice({
			invoiceId: invoiceIdOf(row.paymentId),
			netMinor: 5,
			buyer: { ...someInvoice().buyer, name: "Eve" },
		});
		await issue([{ ...row, invoice: other }]);
		await issue([{ ...row, subject: newId("cus", "00"), invoice: { ...other, kind: "credit_note" } }]);
		expect(await issued()).toEqual(before);
		expect(await rowsOf(env.BILLING_DB_00, "select kind, last from series order by kind")).toEqual([
			{ kind: "credit_note", last: 0 },
			{ kind: "invoice", last: 1 },
		]);
	});

	it.each([
		["HTML", `<script>alert("1")</script> & '; drop table invoices; --`],
		["every script", "Żółć 株式会社 שלום 👩‍🔧 \u202E end"],
		["as long as it may be", "é".repeat(300)],
	])("is what was drafted, and what its schema says: %s", async (_, text) => {
		const line = { kind: "contract", text, period: someInvoice().period, amountMinor: 1000 } as const;
		const buyer = { ...someInvoice().buyer, name: text.slice(0, 120), street: null };
		const row = payment("01", "att", { lines: Array.from({ length: 60 }, () => line), buyer, card: null });
		await issue([row], "01");
		const [{ document } = { document: "" }] = await issued("01");
		const stored = JSON.parse(document) as object;
		expect(stored).toEqual({ ...row.invoice, number: "INV-01-000001" });
		expect(v.parse(Invoice, stored)).toEqual(stored);
	});

	it("has its event and its delivery from the start", async () => {
		const row = payment("01");
		const { effects: results } = await issue([row], "01");
		const invoiceId = invoiceIdOf(row.paymentId);
		expect(results.at(-1)?.results).toEqual([{ invoice_id: invoiceId }]);
		const eventId = `evt_${invoiceId.slice(4)}`;
		expect(shardOf(eventId)).toBe("01");
		expect(await rowsOf(env.BILLING_DB_01, "select event_id, delivered_at from deliveries")).toEqual([
			{ event_id: eventId, delivered_at: null },
		]);
	});
});

it("an object that cannot be reached stops no other", async () => {
	const [reached, warned]: string[][] = [[], []];
	const ctx = Object.assign(ctxOf(), {
		deliveries: {
			ensure: async (invoiceId: string) => {
				if (invoiceId === "inv_2") throw new Error("away");
				reached?.push(invoiceId);
			},
			delivered: async () => {},
		},
		log: { info() {}, alarm() {}, warn: (message: string) => void warned?.push(message) },
	});
	await ensureDeliveries(ctx, ["inv_1", "inv_2", "inv_3"]);
	expect([reached, warned]).toEqual([["inv_1", "inv_3"], ["delivery_not_ensured"]]);
});

describe("what it costs", () => {
	const sheet = new CostSheet<Cloudflare.Env>(env);
	const commit = (rows: readonly Paid[]) => (bindings: Cloudflare.Env) => issue(rows, "00", effects, bindings);

	it("is one call for a hundred, however many there are", async () => {
		// the same ids in every run, with others before and behind: where something stands in an index, a search may read a row more
		const fixed = (digit: string) => {
			const ids = Array.from({ length: 100 }, (_, i) => `att_000${digit}${String(i).padStart(24, "0")}`);
			return ids.map((paymentId) => {
				const row = payment("00");
				return { ...row, paymentId, invoice: row.invoice && { ...row.invoice, invoiceId: invoiceIdOf(paymentId) } };
			});
		};
		const [first, next] = [fixed("3"), fixed("4")];
		await issue([...fixed("0"), ...fixed("z")]);
		const few = await sheet.line("100 invoices", commit(first));
		await sheet.line("100 invoices, repeated", commit(first));
		for (let i = 0; i < 20; i++) await issue(payments(100));
		const many = await costsOf(env, commit(next));
		expect(few).toMatchObject({ d1Calls: 1, sends: 0 });
		expect(Math.abs(many.rowsRead - few.rowsRead)).toBeLessThan(100);
		expect(many.rowsWritten).toBe(few.rowsWritten);
	});

	it("is what test/costs/billing-invoices.md says; if the change is meant: npm run costs -- --update", async () => {
		await expect(sheet.table("billing")).toMatchFileSnapshot("../../../test/costs/billing-invoices.md");
	});
});
