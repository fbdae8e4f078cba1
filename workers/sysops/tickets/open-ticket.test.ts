import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { askStaff } from "../../../shared/testing/contracts.ts";
import { auditOf, type DeskTicket, deskPath, type Expert, givenExpert, ticketRow, toldOf } from "../../../shared/testing/desk.ts";
import { newId, someCustomer, someTicket } from "../../../shared/testing/fixtures.ts";
import { administratorEmail, migrateSysops, serveCerts, staffEmail } from "../../../shared/testing/staff.ts";

let mary: Expert;
beforeAll(async () => {
	serveCerts();
	await migrateSysops();
	mary = await givenExpert();
});

const customer = { ...someCustomer, region: "south" };
const call = (customerId = newId("cus", "01")) => ({ customerId, ...someTicket, availability: ["evening"], customer });
const open = (body: object, email = staffEmail, headers: Record<string, string> = {}) =>
	askStaff<DeskTicket>("POST", deskPath, { body, email, headers });

describe("a ticket that helpdesk opens", () => {
	it("waits like any other, with who opened it, and the customer's portal is told", async () => {
		const body = call();

		const answer = await open(body);

		const { body: ticket } = answer;
		expect(answer.status).toBe(201);
		expect(answer.headers.get("location")).toBe(`${deskPath}/${ticket.id}`);
		const content = { ...someTicket, customer, region: "south", availability: ["evening"] };
		expect(ticket).toMatchObject({ ...content, customerId: body.customerId, status: "queued", openedBy: staffEmail });
		expect(ticket.id).toMatch(/^tkt_01/);
		const row = await ticketRow(ticket.id);
		expect(row).toMatchObject({ customer_name: "ada example", customer_phone: "442079460000", opened_at: row?.["submitted_at"] });
		const [told, ...others] = await toldOf(ticket.id);
		expect(others).toEqual([]);
		expect(told).toMatchObject({ type: "TicketStatusChanged", subject: body.customerId, version: String(row?.["version"]) });
		expect(told?.data).toMatchObject({
			status: "received",
			steps: [{ status: "received" }],
			ticket: { ...someTicket, region: "south" },
		});
		const [audit] = await auditOf(ticket.id);
		expect(audit).toMatchObject({ actor: staffEmail, action: "ticket_opened", before: null });
		expect(JSON.parse(audit?.after ?? "")).toEqual({ status: "queued", expert: null, visit: null });
	});

	it("is normal, and suits always, unless told", async () => {
		const { priority: _, availability: __, ...body } = call();

		expect((await open(body, administratorEmail)).body).toMatchObject({
			priority: "normal",
			availability: ["morning", "afternoon", "evening"],
			openedBy: administratorEmail,
		});
	});

	it("is nothing for an expert: 403", async () => {
		const before = await contentsOf(env.SYSOPS_DB);
		expect(await open(call(), mary.email)).toMatchObject({ status: 403, body: { code: "not_permitted" } });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it.each([
		["no customer's id", { ...call(), customerId: "cus_00" }],
		["a ticket's id", { ...call(), customerId: newId("tkt", "00") }],
		["an unknown field", { ...call(), canary: 1 }],
		["a status", { ...call(), status: "resolved" }],
		["no device", { ...call(), device: " " }],
		["an unknown category", { ...call(), category: "canary" }],
		["an unknown priority", { ...call(), priority: "urgent" }],
		["a text of 4001 characters", { ...call(), text: "x".repeat(4001) }],
		["no part of a day", { ...call(), availability: [] }],
		["an unknown part of a day", { ...call(), availability: ["night"] }],
		["a region from where nobody is sent", { ...call(), customer: { ...customer, region: "london" } }],
		["a country's name", { ...call(), customer: { ...customer, country: "Germany" } }],
		["a phone number without a country", { ...call(), customer: { ...customer, phone: "020 7946" } }],
		["a name of two lines", { ...call(), customer: { ...customer, name: "a\r\nX-Injected: canary" } }],
		["a name of 501 bytes", { ...call(), customer: { ...customer, name: "x".repeat(501) } }],
		["an unknown field of the customer", { ...call(), customer: { ...customer, canary: 1 } }],
	])("with %s: 422, and nothing is written", async (_, body) => {
		const before = await contentsOf(env.SYSOPS_DB);
		const answer = await open(body);
		expect(answer).toMatchObject({ status: 422, body: { code: "invalid_field" } });
		expect(answer.text).not.toContain("canary");
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("as large as one may be still fits into the event that tells of it", async () => {
		const bytes = (count: number) => "é".repeat(count / 2);
		const largest = {
			name: bytes(500),
			street: bytes(800),
			postalCode: bytes(80),
			city: bytes(500),
			country: "GB",
			region: "central",
		};
		const body = { ...call(), device: "電".repeat(120), text: '"'.repeat(4000), customer: { ...largest, phone: customer.phone } };

		expect(await open(body)).toMatchObject({ status: 201 });
	});

	it("with what looks like SQL keeps it as it is", async () => {
		const name = "'); drop table tickets; --";
		const { body } = await open({ ...call(), device: name, text: name, customer: { ...customer, name } });
		expect(body).toMatchObject({ device: name, text: name, customer: { name } });
	});
});

describe("with an Idempotency-Key", () => {
	it("a repetition, also at the same time, is the same ticket and is told once, as it is by then", async () => {
		const body = call();
		const make = () => open(body, staffEmail, { "idempotency-key": "once" });

		const answers = await Promise.all([make(), make(), make()]);

		const id = answers[0]?.body.id ?? "";
		expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.id}`))).toEqual(new Set([`201 ${id}`]));
		expect([await auditOf(id), await toldOf(id)]).toMatchObject([{ length: 1 }, { length: 1 }]);
		await askStaff("POST", `${deskPath}/${id}/cancellation`, { body: {} });
		expect(await make()).toMatchObject({ status: 201, body: { id, status: "cancelled" } });
	});

	it("another text, another customer, and one of another shard are refused: 422, and the first stands", async () => {
		const body = call();
		const headers = { "idempotency-key": "used" };
		await open(body, staffEmail, headers);
		const before = await contentsOf(env.SYSOPS_DB);

		for (const other of [
			{ ...body, text: "Another." },
			{ ...body, customer: { ...customer, city: "Paris" } },
			{ ...body, customerId: newId("cus", "01") },
			{ ...body, customerId: newId("cus", "00") },
		]) {
			const answer = await open(other, staffEmail, headers);
			expect(answer).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
		}
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("somebody else's is another one, which is the same by chance", async () => {
		const [mine, theirs] = await Promise.all(
			[staffEmail, administratorEmail].map((email) => open(call(), email, { "idempotency-key": "chance" })),
		);
		expect([mine?.status, theirs?.status]).toEqual([201, 201]);
		expect(mine?.body.id).not.toBe(theirs?.body.id);
	});
});
