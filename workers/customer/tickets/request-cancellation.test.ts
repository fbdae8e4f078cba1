import { beforeAll, describe, expect, it } from "vitest";
import { contentsOf } from "../../../shared/testing/contents.ts";
import { givenCustomer, givenTicket, outboxOf, type TicketBody, ticketsPath } from "../../../shared/testing/customers.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { bring, statusChanged } from "../../../shared/testing/updates.ts";
import worker from "../index.ts";

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

	it.each(["received", "assigned", "accepted", "reopened"] as const)("is taken while the ticket is %s", async (status) => {
		const customer = await givenCustomer();
		const { id } = await givenTicket(customer);
		await bring(worker, statusChanged(customer.id, id, { status }));

		const answer = await customer.post<TicketBody>(`${ticketsPath}/${id}/cancellation`, {});

		expect(answer).toMatchObject({ status: 202, body: { status, cancellationRequestedAt: expect.any(String) } });
	});

	it.each(["in_progress", "resolved", "cancelled"] as const)(
		"answers 409 when the ticket is %s, and changes nothing",
		async (status) => {
			const customer = await givenCustomer();
			const { id } = await givenTicket(customer);
			await bring(worker, statusChanged(customer.id, id, { status }));
			const before = await contentsOf(customer.database);

			const answer = await customer.post(`${ticketsPath}/${id}/cancellation`, {});

			expect(answer).toMatchObject({ status: 409, body: { code: "wrong_status" } });
			expect(await contentsOf(customer.database)).toEqual(before);
		},
	);

	it.each([
		["in_progress", 202],
		["cancelled", 202],
		["resolved", 409],
	] as const)("that was asked for before is, when the ticket is %s meanwhile, answered %i", async (status, expected) => {
		const customer = await givenCustomer();
		const { id } = await givenTicket(customer);
		await customer.post(`${ticketsPath}/${id}/cancellation`, {});
		await bring(worker, statusChanged(customer.id, id, { status }));

		expect((await customer.post(`${ticketsPath}/${id}/cancellation`, {})).status).toBe(expected);
	});
});
