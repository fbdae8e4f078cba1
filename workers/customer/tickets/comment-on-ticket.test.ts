import { beforeAll, describe, expect, it } from "vitest";
import { givenCustomer, givenTicket, outboxOf, type TicketBody, ticketsPath } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";

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
});
