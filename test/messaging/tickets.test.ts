import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { snapshotLimits } from "../../shared/events/customer.ts";
import { topology } from "../../shared/events/topology.ts";
import { dataSchemaUri } from "../../shared/messaging/envelope.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { givenPlan, givenProfile, outboxOf } from "../../shared/testing/customers.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId, someTicket } from "../../shared/testing/fixtures.ts";
import { readMessage, sentTo, signAs, tamper } from "../../shared/testing/forge.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { minutes } from "../../shared/time.ts";
import { customer } from "../../workers/customer/quantum.ts";
import { commentOnTicket } from "../../workers/customer/tickets/comment-on-ticket.ts";
import { requestCancellation } from "../../workers/customer/tickets/request-cancellation.ts";
import { submitTicket } from "../../workers/customer/tickets/submit-ticket.ts";
import { sysops } from "../../workers/sysops/quantum.ts";

let quanta: Quanta;
const sessionOf = (id: string) => ({ customerId: id, sessionId: "ses_000aaaaaaaaaaaaaaaaaaaaaaaaa" });
const ada = sessionOf(customerId("00"));
const neighbour = sessionOf(customerId("01"));

beforeEach(async () => {
	quanta = createQuanta(topology);
	for (const { customerId } of [ada, neighbour]) {
		await givenPlan(customerId);
		await givenProfile(customerId);
	}
});

/** Each verb, and the message that it left for sysops. */
async function submit(session = ada): Promise<{ ticketId: string; message: string }> {
	const { id } = await submitTicket({
		ctx: quanta.ctx("customer"),
		input: { session, idempotencyKey: undefined, ...someTicket, availability: ["evening"] },
	});
	return { ticketId: id, message: await sent() };
}
async function comment(ticketId: string, text: string): Promise<string> {
	await commentOnTicket({ ctx: quanta.ctx("customer"), input: { session: ada, ticketId, text, idempotencyKey: undefined } });
	return sent();
}
async function cancel(ticketId: string): Promise<string> {
	await requestCancellation({ ctx: quanta.ctx("customer"), input: { session: ada, ticketId } });
	return sent();
}
async function sent(): Promise<string> {
	await quanta.settled();
	return quanta.take("tickets")[0] ?? "";
}

const toSysops = (...messages: string[]) => quanta.deliver(sysops, "tickets", messages);
const receiptsToCustomer = () => quanta.deliver(customer, "receipts-customer", quanta.take("receipts-customer"));
const statusAtSysops = () => rowsOf(env.SYSOPS_DB, "select status from tickets");
const comments = async () => (await rowsOf<{ text: string }>(env.SYSOPS_DB, "select text from comments")).map(({ text }) => text);
const outbox = async () =>
	(await outboxOf({ id: ada.customerId, database: env.CUSTOMER_DB_00 })).map(({ type, parked_reason: parked }) => ({
		type,
		parked,
	}));
const statusAtCustomer = () => rowsOf(env.CUSTOMER_DB_00, "select status from tickets");

it("a profile as large as one may be still makes a ticket that sysops accepts, and none may be larger", async () => {
	const fill = ([field, bytes]: [string, number]) => [field, "é".repeat(bytes / 2)]; // two bytes each
	const largest = Object.fromEntries(Object.entries(snapshotLimits).map(fill));
	await env.CUSTOMER_DB_00.prepare("delete from profiles").run();
	await givenProfile(ada.customerId, largest as Record<keyof typeof snapshotLimits, string>); // of its own keys

	await toSysops((await submit()).message);

	expect(await statusAtSysops()).toEqual([{ status: "queued" }]);
	const larger = env.CUSTOMER_DB_00.prepare("update profiles set name = name || 'x'").run();
	await expect(larger).rejects.toThrow("profiles_name_size");
});

describe("a ticket", () => {
	it("is received when sysops' receipt is back, which empties the outbox", async () => {
		const { message } = await submit();
		await toSysops(message);
		expect(await statusAtCustomer()).toEqual([{ status: "submitted" }]);
		await receiptsToCustomer();
		expect(await statusAtCustomer()).toEqual([{ status: "received" }]);
		expect(await statusAtSysops()).toEqual([{ status: "queued" }]);
		expect(await outbox()).toEqual([]);
	});

	it("is found by what the customer's profile said, and waits since it was submitted", async () => {
		const submittedAt = quanta.now;
		const { message } = await submit();
		quanta.now += 5 * minutes;
		await toSysops(message);
		const columns = "customer_name, customer_phone, region, availability, opened_by, opened_at, received_at, version, steps";
		const searched = { customer_name: "ada example", customer_phone: "442079460000", region: "london", opened_by: null };
		const steps = JSON.stringify([{ status: "received", at: quanta.now }]);
		expect(await rowsOf(env.SYSOPS_DB, `select ${columns} from tickets`)).toEqual([
			{ ...searched, availability: '["evening"]', opened_at: submittedAt, received_at: quanta.now, version: 0, steps },
		]);
	});

	it("whose message and whose receipt were lost comes by the relay, once", async () => {
		const { message } = await submit();
		await toSysops(message);
		quanta.sends.clear(); // the receipt is lost
		quanta.now += 5 * minutes;
		await relay(quanta.ctx("customer"));
		await toSysops(...quanta.take("tickets"));
		await receiptsToCustomer();
		expect(await statusAtSysops()).toHaveLength(1);
		expect(await outbox()).toEqual([]);
	});

	it("of another shard gets its own receipt", async () => {
		const { message } = await submit(neighbour);
		await toSysops(message);
		await receiptsToCustomer();
		expect(await rowsOf(env.CUSTOMER_DB_01, "select status from tickets")).toEqual([{ status: "received" }]);
	});

	it("never goes back: a receipt that comes late leaves a later status", async () => {
		const { message } = await submit();
		await toSysops(message);
		await env.CUSTOMER_DB_00.exec("update tickets set status = 'resolved'");
		await receiptsToCustomer();
		expect(await statusAtCustomer()).toEqual([{ status: "resolved" }]);
	});
});

describe("bad input: reordered messages", () => {
	it("a comment that overtakes its ticket is deferred without a trace, and stored when the relay brings it again", async () => {
		const { ticketId, message } = await submit();
		const overtaking = await comment(ticketId, "first!");
		await toSysops(overtaking);
		expect(await rowsOf(env.SYSOPS_DB, "select id from inbox")).toEqual([]);
		expect(quanta.sends.size).toBe(0);
		await toSysops(message);
		await receiptsToCustomer();
		quanta.now += 5 * minutes;
		await relay(quanta.ctx("customer"));
		await toSysops(...quanta.take("tickets"));
		await receiptsToCustomer();
		expect(await comments()).toEqual(["first!"]);
		expect(await outbox()).toEqual([]);
	});

	it("a cancellation of a ticket that no longer waits is noted, and its status stays", async () => {
		const { ticketId, message } = await submit();
		await toSysops(message);
		await env.SYSOPS_DB.prepare("update tickets set status = 'in_progress'").run();

		await toSysops(await cancel(ticketId));

		const tickets = await rowsOf(env.SYSOPS_DB, "select status, cancellation_requested_at as requested from tickets");
		expect(tickets).toEqual([{ status: "in_progress", requested: quanta.now }]);
	});

	it("a cancellation and a comment before their ticket in one batch are all applied", async () => {
		const { ticketId, message } = await submit();
		const words = await comment(ticketId, "please");
		await toSysops(await cancel(ticketId), words, message);
		expect(await statusAtSysops()).toEqual([{ status: "cancelled" }]);
		expect(await comments()).toEqual(["please"]);
	});
});

describe("bad input: messages of the right producer that cannot be right", () => {
	it("a comment on another customer's ticket is rejected, and its producer parks it with an alarm", async () => {
		const { message } = await submit(neighbour);
		const own = await submit();
		await toSysops(message);
		await comment(own.ticketId, "mine?");
		// As if a fault of the customer Worker had let it name a ticket that is not this customer's.
		const othersTicket = readMessage(message).event["data"] as { ticketId: string }; // our own message
		const change = "update outbox set event = json_set(event, '$.data.ticketId', ?) where type = 'TicketCommented'";
		await env.CUSTOMER_DB_00.prepare(change).bind(othersTicket.ticketId).run();
		quanta.now += 5 * minutes;
		await relay(quanta.ctx("customer"));
		await toSysops(...quanta.take("tickets"));
		await receiptsToCustomer();
		expect(await comments()).toEqual([]);
		expect(await outbox()).toEqual([{ type: "TicketCommented", parked: "other_customer" }]);
		expect(quanta.logged("alarm")).toEqual(["event_parked"]);
	});

	it("row 35: an erased customer's ticket is accepted and nothing of it is stored", async () => {
		const { message } = await submit();
		await env.SYSOPS_DB.prepare("insert into erased_customers values (?, 1)").bind(ada.customerId).run();
		await toSysops(message);
		await receiptsToCustomer();
		expect(await statusAtSysops()).toEqual([]);
		expect(await outbox()).toEqual([]);
	});
});

describe("bad input: repeated, forged and future-versioned messages", () => {
	it("a ticket, a comment and a cancellation repeated ten times are one of each", async () => {
		const { ticketId, message } = await submit();
		const messages = [message, await comment(ticketId, "once"), await cancel(ticketId)];
		for (let time = 0; time < 5; time++) await toSysops(...messages, ...messages.toReversed());
		expect(await statusAtSysops()).toEqual([{ status: "cancelled" }]);
		expect(await comments()).toEqual(["once"]);
	});

	it("row 11: a forged ticket under a real event's id is quarantined, and the real one arrives", async () => {
		const { message } = await submit();
		const { event } = readMessage(message);
		const header = sentTo("sysops", quanta.now);
		await toSysops(tamper(message), await signAs("sysops", event, header));
		expect(await statusAtSysops()).toEqual([]);
		expect(quanta.sends.size).toBe(0);
		await toSysops(message);
		expect(await statusAtSysops()).toEqual([{ status: "queued" }]);
	});

	it("a ticket in a version from the future stays in its outbox until sysops knows the version", async () => {
		const { message } = await submit();
		const event = {
			...readMessage(message).event,
			dataschema: dataSchemaUri("TicketSubmitted", topology.events.TicketSubmitted.version + 1),
		};
		const tomorrows = await signAs("customer", event, sentTo("sysops", quanta.now));
		expect(await toSysops(tomorrows)).toEqual({ acknowledged: [0], retried: [] });
		expect(await rowsOf(env.SYSOPS_DB, "select reason from quarantine")).toEqual([{ reason: "unknown_version" }]);
		expect(await outbox()).toEqual([{ type: "TicketSubmitted", parked: null }]);
	});
});
