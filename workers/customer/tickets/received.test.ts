import { createExecutionContext, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import {
	type Customer,
	givenCustomer,
	givenTicket,
	outboxOf,
	type TicketBody,
	ticketsPath,
} from "../../../shared/testing/customers.ts";
import { batchOf, neighbour, receiptsFrom } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

/** Hands the receipt of the customer's events to the Worker, as its queue would. */
async function confirm(customer: Customer, reason?: string) {
	const rows = await outboxOf(customer);
	const ids = rows.map(({ event_id }) => event_id);
	const batch = batchOf("receipts-customer", [await receiptsFrom(neighbour("sysops"), ids, reason)]);
	const execution = createExecutionContext();
	await worker.queue(batch, env, execution);
	return getQueueResult(batch, execution);
}

describe("the receipt of a submitted ticket", () => {
	it.each(["00", "01"])("shows the ticket as received and empties the outbox (shard %s)", async (shard) => {
		const customer = await givenCustomer({ shard });
		const [ticket, other] = [await givenTicket(customer), await givenTicket(await givenCustomer({ shard }))];
		expect(ticket.status).toBe("submitted");

		const result = await confirm(customer);

		expect(result.explicitAcks).toHaveLength(1);
		expect(await outboxOf(customer)).toEqual([]);
		const { body } = await customer.get<TicketBody>(`${ticketsPath}/${ticket.id}`);
		const changedAt = expect.stringMatching(/^\d{4}-.*Z$/);
		expect(body).toMatchObject({ ...ticket, status: "received", changedAt });
		expect(body.steps).toEqual([{ status: "received", at: body.changedAt }]);
		const row = await customer.database.prepare("select status from tickets where id = ?").bind(other.id).first();
		expect(row).toEqual({ status: "submitted" });
	});

	it("leaves the ticket submitted and its event parked when sysops can never accept it", async () => {
		const customer = await givenCustomer();
		const ticket = await givenTicket(customer);

		await confirm(customer, "schema");

		expect(await outboxOf(customer)).toMatchObject([{ parked_reason: "schema", next_attempt_at: null }]);
		expect((await customer.get<TicketBody>(`${ticketsPath}/${ticket.id}`)).body.status).toBe("submitted");
	});
});
