import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { givenCustomer, givenTicket, outboxOf, type TicketBody, ticketsPath } from "../../../shared/testing/customers.ts";
import { someTicket } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";

beforeAll(migrateDatabases);
const key = { "idempotency-key": "one-thing-once" };

describe("Idempotency-Key", () => {
	it("gives the same ticket for the same request, in its current state, and only one event", async () => {
		const customer = await givenCustomer();
		const first = await customer.post<TicketBody>(ticketsPath, someTicket, key);
		await customer.database.prepare("update tickets set status = 'received' where id = ?").bind(first.body.id).run();

		const again = await customer.post<TicketBody>(ticketsPath, someTicket, key);

		expect(again.status).toBe(202);
		expect(again.headers.get("location")).toBe(first.headers.get("location"));
		expect(again.body).toEqual({ ...first.body, status: "received" });
		expect(await outboxOf(customer)).toHaveLength(1);
		expect((await customer.get<{ items: TicketBody[] }>(ticketsPath)).body.items).toHaveLength(1);
	});

	it("compares what was asked for, not how it was written", async () => {
		const customer = await givenCustomer();
		const { device, category, text } = someTicket;
		const first = await customer.post<TicketBody>(ticketsPath, someTicket, key);

		const again = await customer.post<TicketBody>(ticketsPath, { text: ` ${text}\r\n`, category, device }, key);

		expect(again).toMatchObject({ status: 202, body: first.body });
	});

	it("still finds the ticket after the plan has ended", async () => {
		const customer = await givenCustomer();
		const first = await customer.post<TicketBody>(ticketsPath, someTicket, key);
		await customer.database.prepare("delete from plans where customer_id = ?").bind(customer.id).run();

		expect(await customer.post(ticketsPath, someTicket, key)).toMatchObject({ status: 202, body: { id: first.body.id } });
		expect(await customer.post(ticketsPath, someTicket)).toMatchObject({ status: 409 });
	});

	it("makes one ticket of two requests at the same time", async () => {
		const customer = await givenCustomer();

		const answers = await Promise.all([1, 2, 3, 4].map(() => customer.post<TicketBody>(ticketsPath, someTicket, key)));

		expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
		expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
		expect(await outboxOf(customer)).toHaveLength(1);
	});

	it.each(["device", "category", "priority", "text"])(
		"row 32: same key, another %s: 422, and the first result is kept",
		async (field) => {
			const others = { device: "Radio", category: "audio", priority: "high", text: "It hums." };
			const customer = await givenCustomer();
			const first = await customer.post<TicketBody>(ticketsPath, someTicket, key);
			const before = await contentsOf(customer.database);

			const other = { ...someTicket, [field]: others[field as keyof typeof others] }; // one of its keys by the table above
			const answer = await customer.post(ticketsPath, other, key);

			expect(answer).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
			expect(await contentsOf(customer.database)).toEqual(before);
			expect(await customer.post(ticketsPath, someTicket, key)).toMatchObject({ status: 202, body: first.body });
		},
	);

	it("row 32: same key, the same comment on another ticket: 422, and the first result is kept", async () => {
		const customer = await givenCustomer();
		const [one, other] = [await givenTicket(customer), await givenTicket(customer)];
		const first = await customer.post<{ id: string }>(`${ticketsPath}/${one.id}/comments`, { text: "It smells." }, key);
		const before = await contentsOf(customer.database);

		for (const [ticketId, text] of [
			[other.id, "It smells."],
			[one.id, "It smoulders."],
		]) {
			const answer = await customer.post(`${ticketsPath}/${ticketId}/comments`, { text }, key);
			expect(answer).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
		}

		expect(await contentsOf(customer.database)).toEqual(before);
		const again = await customer.post(`${ticketsPath}/${one.id}/comments`, { text: "It smells." }, key);
		expect(again).toMatchObject({ status: 202, body: first.body });
	});

	it("keeps two customers with the same key apart", async () => {
		const [one, other] = [await givenCustomer(), await givenCustomer()];

		const first = await one.post<TicketBody>(ticketsPath, someTicket, key);
		const second = await other.post<TicketBody>(ticketsPath, someTicket, key);

		expect([first.status, second.status]).toEqual([202, 202]);
		expect(second.body.id).not.toBe(first.body.id);
		expect(await outboxOf(other)).toHaveLength(1);
	});

	it("keeps a ticket and a comment with the same key apart", async () => {
		const customer = await givenCustomer();
		const ticket = await customer.post<TicketBody>(ticketsPath, someTicket, key);

		const comment = await customer.post(`${ticketsPath}/${ticket.body.id}/comments`, { text: someTicket.text }, key);

		expect(comment.status).toBe(202);
		expect((await outboxOf(customer)).map(({ type }) => type)).toEqual(["TicketSubmitted", "TicketCommented"]);
	});

	it("is not needed: without it the same request twice is two tickets", async () => {
		const customer = await givenCustomer();

		expect((await givenTicket(customer)).id).not.toBe((await givenTicket(customer)).id);
	});

	it.each([
		["empty", ""],
		["with a space", "two words"],
		["too long", "k".repeat(256)],
		["not visible", "one\tthing"],
	])("answers 400 when it is %s, and changes nothing", async (_, bad) => {
		const customer = await givenCustomer();
		const ticket = await givenTicket(customer);
		const before = await contentsOf(customer.database);

		for (const [path, body] of [
			[ticketsPath, someTicket],
			[`${ticketsPath}/${ticket.id}/comments`, { text: "Hello?" }],
			[`${ticketsPath}/${ticket.id}/cancellation`, {}],
			[`${ticketsPath}/${ticket.id}/reopening`, { text: "Again?" }],
		] as const) {
			const answer = await customer.post(path, body, { "idempotency-key": bad });
			expect(answer, path).toMatchObject({ status: 400, body: { code: "malformed_idempotency_key" } });
		}
		expect(await contentsOf(customer.database)).toEqual(before);
	});
});
