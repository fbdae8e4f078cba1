import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { givenCustomer, givenTicket, outboxOf, type TicketBody, ticketsPath } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { bring, statusChanged } from "../../../shared/testing/updates.ts";
import { days, minutes } from "../../../shared/time.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

describe("POST tickets/{id}/comments", () => {
	it.each(["00", "01"])("answers 202, shows the comment and leaves one event for sysops (shard %s)", async (shard) => {
		const customer = await givenCustomer({ shard });
		const ticket = await givenTicket(customer);

		const answer = await customer.post<{ id: string; createdAt: string; text: string }>(`${ticketsPath}/${ticket.id}/comments`, {
			text: "It smells.",
		});

		expect(answer.status).toBe(202);
		expect(answer.body).toEqual({
			id: expect.stringMatching(new RegExp(`^cmt_${shard}`)),
			createdAt: expect.stringMatching(/Z$/),
			text: "It smells.",
			author: null,
		});
		expect((await customer.get<TicketBody>(`${ticketsPath}/${ticket.id}`)).body.comments).toEqual([answer.body]);
		const [, event, ...others] = await outboxOf(customer);
		expect(others).toEqual([]);
		expect(event).toMatchObject({ type: "TicketCommented", destination: "sysops" });
		const { id: commentId, createdAt, text } = answer.body;
		expect(JSON.parse(event?.event ?? "")).toMatchObject({
			subject: customer.id,
			data: { ticketId: ticket.id, commentId, commentedAt: Date.parse(createdAt), text },
		});
	});

	it("takes comments after the plan has ended: the ticket is there", async () => {
		const customer = await givenCustomer();
		const ticket = await givenTicket(customer);
		await customer.database.prepare("delete from plans where customer_id = ?").bind(customer.id).run();

		expect((await customer.post(`${ticketsPath}/${ticket.id}/comments`, { text: "Hello?" })).status).toBe(202);
	});

	it.each([
		["resolved", 14 * days - minutes, 202],
		["cancelled", 14 * days - minutes, 202],
		["in_progress", 30 * days, 202],
		["resolved", 14 * days, 409],
		["cancelled", 14 * days, 409],
	] as const)("on a ticket that has been %s for %i ms is answered %i", async (status, ago, expected) => {
		const customer = await givenCustomer();
		const { id } = await givenTicket(customer);
		await bring(worker, statusChanged(customer.id, id, { status, changedAt: Date.now() - ago }));
		const before = await contentsOf(customer.database);

		const answer = await customer.post(`${ticketsPath}/${id}/comments`, { text: "Hello?" });

		expect(answer.status).toBe(expected);
		if (expected === 202) return;
		expect(answer.body).toMatchObject({ code: "wrong_status" });
		expect(await contentsOf(customer.database)).toEqual(before);
	});

	it("is still found by its key after that", async () => {
		const key = { "idempotency-key": "once" };
		const customer = await givenCustomer();
		const { id } = await givenTicket(customer);
		const first = await customer.post(`${ticketsPath}/${id}/comments`, { text: "Hello?" }, key);
		await bring(worker, statusChanged(customer.id, id, { status: "resolved", changedAt: Date.now() - 15 * days }));

		const again = await customer.post(`${ticketsPath}/${id}/comments`, { text: "Hello?" }, key);

		expect(again).toMatchObject({ status: 202, body: first.body });
	});
});
