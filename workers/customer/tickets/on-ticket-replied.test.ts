import { beforeAll, describe, expect, it } from "vitest";
import {
	type Customer,
	eventsOf,
	givenCustomer,
	givenTicket,
	type TicketBody,
	ticketsPath,
} from "../../../shared/testing/customers.ts";
import { rowsOf } from "../../../shared/testing/database.ts";
import { newId, someTicket } from "../../../shared/testing/fixtures.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { bring, replied, statusChanged } from "../../../shared/testing/updates.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

const commentsOf = async (customer: Customer, id: string) =>
	(await customer.get<TicketBody>(`${ticketsPath}/${id}`)).body.comments;
const toldTo = async (customer: Customer) =>
	(await eventsOf(customer)).filter(({ type }) => type === "NotificationRequested").map(({ data }) => data);

async function givenReachable(shard = "00") {
	const customer = await givenCustomer({ shard });
	const text = "update profiles set email = 'ada@customer.example', notify_by_sms = 1 where customer_id = ?";
	await customer.database.prepare(text).bind(customer.id).run();
	return customer;
}

describe("what the service team writes", () => {
	it.each(["00", "01"])(
		"stands among the comments under its author's name, and is told by both ways (shard %s)",
		async (shard) => {
			const customer = await givenReachable(shard);
			const { id } = await givenTicket(customer);
			await customer.post(`${ticketsPath}/${id}/comments`, { text: "Hello?" });
			const repliedAt = Date.now() + 1000;

			await bring(worker, replied(customer.id, id, { text: "Tomorrow.", repliedAt }));

			expect(await commentsOf(customer, id)).toMatchObject([
				{ text: "Hello?", author: null },
				{ text: "Tomorrow.", author: "Mary Example", createdAt: new Date(repliedAt).toISOString() },
			]);
			const values = { ticketId: id, device: someTicket.device, author: "Mary Example", text: "Tomorrow.", expert: null };
			expect((await toldTo(customer)).sort((a, b) => String(a["channel"]).localeCompare(String(b["channel"])))).toMatchObject([
				{ channel: "email", template: "ticket_replied", values },
				{ channel: "sms", template: "ticket_replied", values },
			]);
		},
	);

	it("is told once, also when it comes again after the inbox has forgotten it; two replies are two", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		const [one, other] = [await replied(customer.id, id), await replied(customer.id, id)];

		await bring(worker, one, other, one);
		await customer.database.prepare("delete from inbox").run();
		await bring(worker, one);

		expect(await commentsOf(customer, id)).toHaveLength(2);
		expect(await toldTo(customer)).toHaveLength(4);
	});

	it("of a ticket that is not here yet waits for it, and one batch is enough for both", async () => {
		const customer = await givenReachable();
		const id = newId("tkt", "00");
		const reply = await replied(customer.id, id);

		const { explicitAcks } = await bring(worker, reply);
		expect(explicitAcks).toHaveLength(1);
		expect(await rowsOf(customer.database, "select id from comments where ticket_id = ?", id)).toEqual([]);
		await bring(worker, reply, statusChanged(customer.id, id));

		expect(await commentsOf(customer, id)).toHaveLength(1);
	});

	it("about somebody else's ticket is rejected, shown to nobody and told to nobody", async () => {
		const [owner, other] = [await givenReachable(), await givenReachable()];
		const { id } = await givenTicket(owner);

		await bring(worker, replied(other.id, id));

		expect(await commentsOf(owner, id)).toEqual([]);
		expect([...(await toldTo(owner)), ...(await toldTo(other))]).toEqual([]);
		const verdicts = await rowsOf(owner.database, "select reason from inbox where verdict = 'rejected'");
		expect(verdicts).toEqual([{ reason: "other_customer" }]);
	});
});
