import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { givenCustomer, givenTicket, outboxOf, type TicketBody, ticketsPath } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";

beforeAll(migrateDatabases);

describe("POST tickets/{id}/cancellation", () => {
	it.each(["00", "01"])(
		"answers 202 with the ticket, whose status sysops decides, and leaves one event (shard %s)",
		async (shard) => {
			const customer = await givenCustomer({ shard });
			const ticket = await givenTicket(customer);

			const answer = await customer.post<TicketBody>(`${ticketsPath}/${ticket.id}/cancellation`, {});

			expect(answer.status).toBe(202);
			const requestedAt = answer.body.cancellationRequestedAt ?? "";
			expect(answer.body).toEqual({ ...ticket, cancellationRequestedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
			const [, event, ...others] = await outboxOf(customer);
			expect(others).toEqual([]);
			expect(event).toMatchObject({ type: "TicketCancellationRequested", destination: "sysops" });
			expect(JSON.parse(event?.event ?? "")).toMatchObject({
				subject: customer.id,
				data: { ticketId: ticket.id, requestedAt: Date.parse(requestedAt) },
			});
		},
	);

	it("changes nothing when asked again", async () => {
		const customer = await givenCustomer();
		const ticket = await givenTicket(customer);
		const first = await customer.post(`${ticketsPath}/${ticket.id}/cancellation`, {});
		const before = await contentsOf(customer.database);

		const again = await customer.post(`${ticketsPath}/${ticket.id}/cancellation`, {});

		expect(again).toMatchObject({ status: 202, body: first.body });
		expect(await contentsOf(customer.database)).toEqual(before);
	});
});
