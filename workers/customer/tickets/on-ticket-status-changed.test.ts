import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { NotificationRequested1 } from "../../../shared/events/notifications.ts";
import {
	type Customer,
	eventsOf,
	givenCustomer,
	givenTicket,
	outboxOf,
	type TicketBody,
	ticketsPath,
} from "../../../shared/testing/customers.ts";
import { newId, someTicket } from "../../../shared/testing/fixtures.ts";
import { batchOf, neighbour, receiptsFrom } from "../../../shared/testing/messages.ts";
import { migrateDatabases } from "../../../shared/testing/migrations.ts";
import { bring, someExpert, someVisit, statusChanged } from "../../../shared/testing/updates.ts";
import { days } from "../../../shared/time.ts";
import worker from "../index.ts";

beforeAll(migrateDatabases);

const iso = (at: number) => new Date(at).toISOString();
const read = async (customer: Customer, id: string) => (await customer.get<TicketBody>(`${ticketsPath}/${id}`)).body;

/** Reachable by these ways. */
async function givenReachable(ways: { email?: string; byEmail?: boolean; bySms?: boolean } = {}, shard = "00") {
	const customer = await givenCustomer({ shard });
	const { email = "ada@customer.example", byEmail = true, bySms = false } = ways;
	const text = "update profiles set email = ?, notify_by_email = ?, notify_by_sms = ?, language = 'de' where customer_id = ?";
	await customer.database.prepare(text).bind(email, byEmail, bySms, customer.id).run();
	return customer;
}

/** What the customer is to be told, as it would be understood. */
async function toldTo(customer: Customer): Promise<v.InferOutput<typeof NotificationRequested1>[]> {
	const requests = (await eventsOf(customer)).filter(({ type }) => type === "NotificationRequested");
	return requests.map(({ data }) => v.parse(v.strictObject(NotificationRequested1.entries), data));
}

describe("what sysops says of a ticket", () => {
	it.each(["00", "01"])("is what its customer sees (shard %s)", async (shard) => {
		const customer = await givenReachable({}, shard);
		const ticket = await givenTicket(customer);
		const at = Date.now();

		const { explicitAcks } = await bring(worker, statusChanged(customer.id, ticket.id, { status: "accepted", version: at }));

		expect(explicitAcks).toHaveLength(1);
		const { comments: _, ...shown } = await read(customer, ticket.id);
		expect(shown).toEqual({
			...ticket,
			status: "accepted",
			changedAt: iso(at),
			expert: { name: someExpert.name },
			visit: { from: iso(someVisit.from), to: iso(someVisit.to) },
			steps: [
				{ status: "received", at: iso(at - 1000) },
				{ status: "accepted", at: iso(at) },
			],
		});
		const { steps: __, ...listed } = shown;
		expect((await customer.get<{ items: TicketBody[] }>(ticketsPath)).body.items).toEqual([listed]);
	});

	it("goes by the highest version: what comes late is accepted, and changes and tells nothing", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		const [older, newer] = [
			await statusChanged(customer.id, id, { status: "assigned", version: 1000 }),
			await statusChanged(customer.id, id, { status: "accepted", version: 2000 }),
		];

		await bring(worker, newer);
		const { explicitAcks, retryMessages } = await bring(worker, older);

		expect([explicitAcks.length, retryMessages.length]).toEqual([1, 0]);
		expect((await read(customer, id)).status).toBe("accepted");
		expect((await toldTo(customer)).map(({ template }) => template)).toEqual(["ticket_accepted"]);
	});

	it.each([[[1, 2]], [[2, 1]]])("in one batch, in the order %j, is the newest, told once", async (order) => {
		const customer = await givenReachable({ bySms: true });
		const { id } = await givenTicket(customer);
		const statuses = { 1: "assigned", 2: "accepted" } as const;

		await bring(
			worker,
			...order.map((n) => statusChanged(customer.id, id, { status: statuses[n as 1 | 2], version: n * 1000 })), // of the two above
		);

		expect((await read(customer, id)).status).toBe("accepted");
		const told = await toldTo(customer);
		expect(told.map(({ channel, template }) => [channel, template]).sort()).toEqual([
			["email", "ticket_accepted"],
			["sms", "ticket_accepted"],
		]);
	});

	it("is told once, also when it comes again after the inbox has forgotten it", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		const message = await statusChanged(customer.id, id);

		await bring(worker, message, message);
		await customer.database.prepare("delete from inbox").run();
		await bring(worker, message);

		expect(await toldTo(customer)).toHaveLength(1);
	});

	it("stays when the receipt of the ticket comes after it", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		const ids = (await outboxOf(customer)).map(({ event_id }) => event_id);

		await bring(worker, statusChanged(customer.id, id, { status: "assigned" }));
		const before = await read(customer, id);
		const execution = createExecutionContext();
		await worker.queue(batchOf("receipts-customer", [await receiptsFrom(neighbour("sysops"), ids)]), env, execution);
		await waitOnExecutionContext(execution);

		expect(await read(customer, id)).toEqual(before);
		expect(before.status).toBe("assigned");
	});

	it("of a ticket that helpdesk has opened brings the ticket", async () => {
		const customer = await givenReachable();
		const id = newId("tkt", "00");
		const at = Date.now();

		await bring(worker, statusChanged(customer.id, id, { status: "received", expert: null, visit: null, version: at }));

		expect(await read(customer, id)).toMatchObject({
			...someTicket,
			id,
			status: "received",
			createdAt: iso(at - 2000),
			availability: null,
			expert: null,
			visit: null,
		});
		expect((await customer.get<{ items: TicketBody[] }>(ticketsPath)).body.items.map((ticket) => ticket.id)).toEqual([id]);
		expect(await toldTo(customer)).toMatchObject([{ template: "ticket_received", values: { ticketId: id, expert: null } }]);
		const row = await customer.database.prepare("select region from tickets where id = ?").bind(id).first();
		expect(row).toEqual({ region: "london" });
	});

	it("of a ticket that the shard has lost lets the request that made it be repeated", async () => {
		const customer = await givenReachable();
		const key = { "idempotency-key": "before-the-loss" };
		const first = await customer.post<TicketBody>(ticketsPath, someTicket, key);
		await customer.database.prepare("delete from tickets where id = ?").bind(first.body.id).run();

		await bring(worker, statusChanged(customer.id, first.body.id));

		const again = await customer.post<TicketBody>(ticketsPath, someTicket, key);
		expect(again).toMatchObject({ status: 202, body: { id: first.body.id, status: "assigned" } });
	});

	it.each(["cancelled", "resolved"] as const)(
		"row 1: of another customer's ticket, %s, changes, tells and asks nothing",
		async (status) => {
			const [owner, other] = [await givenReachable(), await givenReachable()];
			const ticket = await givenTicket(owner);

			await bring(worker, statusChanged(other.id, ticket.id, { status }));

			expect(await read(owner, ticket.id)).toMatchObject(ticket);
			expect((await other.get<{ items: TicketBody[] }>(ticketsPath)).body.items).toEqual([]);
			expect([...(await toldTo(owner)), ...(await toldTo(other))]).toEqual([]);
			const surveys = await owner.database.prepare("select id from surveys where ticket_id = ?").bind(ticket.id).all();
			expect(surveys.results).toEqual([]);
		},
	);
});

describe("the customer is told", () => {
	it.each<[string, Parameters<typeof givenReachable>[0], string[]]>([
		["by e-mail", {}, ["email"]],
		["by SMS", { byEmail: false, bySms: true }, ["sms"]],
		["by both", { bySms: true }, ["email", "sms"]],
		["by nothing that is not wanted", { byEmail: false }, []],
		["by nothing that has no address", { email: "" }, []],
	])("%s", async (_, ways, channels) => {
		const customer = await givenReachable(ways);
		const { id } = await givenTicket(customer);

		await bring(worker, statusChanged(customer.id, id));

		const told = await toldTo(customer);
		expect(told.map(({ channel }) => channel).sort()).toEqual(channels);
		expect(new Set(told.map(({ notificationId }) => notificationId)).size).toBe(channels.length);
		for (const { channel, recipient } of told) {
			expect(recipient).toBe(channel === "email" ? "ada@customer.example" : "+44 20 7946 0000");
		}
	});

	it("nothing without a phone number by SMS, and nothing without a profile", async () => {
		const [mute, nobody] = [await givenReachable({ byEmail: false, bySms: true }), await givenReachable()];
		const ids = [(await givenTicket(mute)).id, (await givenTicket(nobody)).id] as const;
		await mute.database.prepare("update profiles set phone = null where customer_id = ?").bind(mute.id).run();
		await nobody.database.prepare("delete from profiles where customer_id = ?").bind(nobody.id).run();

		await bring(worker, statusChanged(mute.id, ids[0]), statusChanged(nobody.id, ids[1]));

		expect([...(await toldTo(mute)), ...(await toldTo(nobody))]).toEqual([]);
		expect((await read(nobody, ids[1])).status).toBe("assigned");
	});

	it("who comes when, in the customer's language, for 14 days, in an event that names the customer", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		const before = Date.now();

		await bring(worker, statusChanged(customer.id, id, { note: "of a visit before" }));

		const [told] = await toldTo(customer);
		expect(told).toEqual({
			notificationId: expect.stringMatching(/^ntf_00/),
			channel: "email",
			recipient: "ada@customer.example",
			language: "de",
			template: "ticket_assigned",
			values: {
				ticketId: id,
				device: someTicket.device,
				expert: someExpert.name,
				visitFrom: someVisit.from,
				visitTo: someVisit.to,
				note: null,
				surveyId: null,
				surveyExpiresAt: null,
				author: null,
				text: null,
			},
			expiresAt: expect.any(Number),
		});
		expect(told?.expiresAt).toBeGreaterThanOrEqual(before + 14 * days);
		const rows = (await outboxOf(customer)).filter(({ type }) => type === "NotificationRequested");
		expect(rows).toMatchObject([{ destination: "notification" }]);
		expect(told?.notificationId.slice(4)).toBe(rows[0]?.event_id.slice(4));
	});

	it.each(["received", "assigned", "accepted", "resolved", "cancelled", "reopened"] as const)("of %s", async (status) => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);

		await bring(worker, statusChanged(customer.id, id, { status }));

		expect((await toldTo(customer)).map(({ template }) => template)).toEqual([`ticket_${status}`]);
	});

	it.each([
		["received", ["received", "assigned", "received"], "ticket_waits_again"],
		["received", ["received", "assigned", "accepted", "received"], "ticket_waits_again"],
		["reopened", ["in_progress", "resolved", "reopened", "assigned", "reopened"], "ticket_waits_again"],
		["received", ["received"], "ticket_received"],
		["reopened", ["in_progress", "resolved", "reopened"], "ticket_reopened"],
		["assigned", ["received", "assigned", "received", "assigned"], "ticket_assigned"],
	] as const)("of %s after %j by %s", async (status, statuses, template) => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		const steps = statuses.map((one, at) => ({ status: one, at }));

		await bring(worker, statusChanged(customer.id, id, { status, steps }));

		expect((await toldTo(customer)).map((told) => told.template)).toEqual([template]);
	});

	it("not that the expert has begun", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);

		await bring(worker, statusChanged(customer.id, id, { status: "in_progress" }));

		expect((await read(customer, id)).status).toBe("in_progress");
		expect(await toldTo(customer)).toEqual([]);
	});

	it("of each resolution what the expert says, and where to say how it was", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		const before = Date.now();

		await bring(worker, statusChanged(customer.id, id, { status: "resolved", resolutions: 2, note: "New cable." }));

		const [told] = await toldTo(customer);
		expect(told?.values).toMatchObject({ note: "New cable.", surveyId: `srv_${id.slice(4)}_2` });
		expect(told?.values.surveyExpiresAt).toBeGreaterThanOrEqual(before + 30 * days);
	});

	it("of a resolution that is older than its survey without one", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);

		await bring(worker, statusChanged(customer.id, id, { status: "resolved", changedAt: Date.now() - 31 * days }));

		expect(await toldTo(customer)).toMatchObject([{ values: { surveyId: null, surveyExpiresAt: null } }]);
	});
});

describe("a wish of the customer", () => {
	const resolved = { status: "resolved", resolutions: 1 } as const;

	/** Asked for while the ticket was resolved for the first time. */
	async function givenWish(wish: "reopening" | "cancellation") {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		if (wish === "cancellation") await customer.post(`${ticketsPath}/${id}/cancellation`, {});
		await bring(worker, statusChanged(customer.id, id, { ...resolved, version: Date.now() - 2000 }));
		if (wish === "reopening") await customer.post(`${ticketsPath}/${id}/reopening`, { text: "Dark again." });
		return { customer, id };
	}

	it.each([
		["reopened", { status: "reopened", resolutions: 1 }, true],
		["with an expert already", { status: "assigned", resolutions: 1 }, true],
		["resolved once more", { status: "resolved", resolutions: 2 }, true],
		["cancelled instead", { status: "cancelled", resolutions: 1 }, true],
		["the same resolution, said again", resolved, false],
	] as const)("to reopen is answered when the ticket is %s", async (_, change, answered) => {
		const { customer, id } = await givenWish("reopening");
		const asked = (await read(customer, id)).reopenRequestedAt;
		expect(asked).not.toBeNull();

		await bring(worker, statusChanged(customer.id, id, { ...change, version: Date.now() }));

		expect((await read(customer, id)).reopenRequestedAt).toBe(answered ? null : asked);
	});

	it("to reopen is not answered by what was said before it", async () => {
		const { customer, id } = await givenWish("reopening");

		await bring(worker, statusChanged(customer.id, id, { status: "in_progress", version: Date.now() - 5000 }));

		expect(await read(customer, id)).toMatchObject({ status: "resolved", reopenRequestedAt: expect.any(String) });
	});

	it.each([
		["reopened", { status: "reopened", resolutions: 1 }, true],
		["resolved once more", { status: "resolved", resolutions: 2 }, false],
	] as const)("to cancel that came too late, when the ticket is then %s", async (_, change, spent) => {
		const { customer, id } = await givenWish("cancellation");

		await bring(worker, statusChanged(customer.id, id, { ...change, version: Date.now() }));

		expect((await read(customer, id)).cancellationRequestedAt === null).toBe(spent);
	});

	it("to cancel stays while the ticket goes on, and when it is cancelled", async () => {
		const customer = await givenReachable();
		const { id } = await givenTicket(customer);
		await customer.post(`${ticketsPath}/${id}/cancellation`, {});

		for (const status of ["assigned", "accepted", "in_progress", "cancelled"] as const) {
			await bring(worker, statusChanged(customer.id, id, { status, version: Date.now() }));
			expect(await read(customer, id), status).toMatchObject({ status, cancellationRequestedAt: expect.any(String) });
		}
	});
});
