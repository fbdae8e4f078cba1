import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { topology } from "../../shared/events/topology.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { givenPlan, givenProfile } from "../../shared/testing/customers.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId, someTicket } from "../../shared/testing/fixtures.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { customer } from "../../workers/customer/quantum.ts";
import { commentOnTicket } from "../../workers/customer/tickets/comment-on-ticket.ts";
import { requestCancellation } from "../../workers/customer/tickets/request-cancellation.ts";
import { submitTicket } from "../../workers/customer/tickets/submit-ticket.ts";
import { sysops } from "../../workers/sysops/quantum.ts";

/** docs/runbooks/restore-sysops.md */
const texts: Record<string, string> = import.meta.glob("../../scripts/tickets-again.sql", {
	query: "?raw",
	import: "default",
	eager: true,
});
const ticketsAgain = Object.values(texts).join("");

let quanta: Quanta;
const session = { customerId: customerId("00"), sessionId: "ses_000aaaaaaaaaaaaaaaaaaaaaaaaa" };

beforeEach(async () => {
	quanta = createQuanta(topology);
	await givenPlan(session.customerId);
	await givenProfile(session.customerId);
});

const ctx = () => quanta.ctx("customer");
const submit = async (text: string) =>
	(
		await submitTicket({
			ctx: ctx(),
			input: { session, idempotencyKey: undefined, ...someTicket, text, availability: ["evening"] },
		})
	).id;
const comment = (ticketId: string, text: string) =>
	commentOnTicket({ ctx: ctx(), input: { session, ticketId, text, idempotencyKey: undefined } });

/** Whatever is on its way, to sysops and back. */
async function settle(): Promise<void> {
	await quanta.settled();
	await quanta.deliver(sysops, "tickets", quanta.take("tickets"));
	await quanta.deliver(customer, "receipts-customer", quanta.take("receipts-customer"));
	await quanta.deliver(customer, "ticket-status", quanta.take("ticket-status"));
}

async function tellAgain(): Promise<string[]> {
	await env.CUSTOMER_DB_00.prepare(ticketsAgain).run();
	await relay(ctx());
	await quanta.settled();
	const messages = quanta.take("tickets");
	await quanta.deliver(sysops, "tickets", messages.toReversed());
	await quanta.deliver(customer, "receipts-customer", quanta.take("receipts-customer"));
	return messages;
}

const told = "id, customer_id, status, submitted_at, device, category, priority, text, availability, customer, region";
const ticketsAtSysops = () => rowsOf<{ id: string }>(env.SYSOPS_DB, `select ${told} from tickets order by id`);
const commentsAtSysops = () => rowsOf(env.SYSOPS_DB, "select id, ticket_id, text, author from comments order by id");

/** sysops has never heard of anything, as after it was put back to before it all. */
async function forget(): Promise<void> {
	for (const table of ["tickets", "comments", "inbox", "outbox"]) await env.SYSOPS_DB.prepare(`delete from ${table}`).run();
}

it("sysops is put back to before them: tickets that are not closed are there again, with what their customers said", async () => {
	const [open, closed, unwanted] = [await submit("no picture"), await submit("no sound"), await submit("no idea")];
	await settle();
	await comment(open, "and it smells");
	await requestCancellation({ ctx: ctx(), input: { session, ticketId: unwanted } });
	await settle();
	await env.CUSTOMER_DB_00.prepare("update tickets set status = 'resolved' where id = ?").bind(closed).run();
	await env.CUSTOMER_DB_00.prepare("update tickets set status = 'assigned' where id in (?, ?)").bind(open, unwanted).run();
	const [tickets, comments] = [await ticketsAtSysops(), await commentsAtSysops()];
	await forget();

	const messages = await tellAgain();
	for (let n = 0; n < 2; n++) await quanta.deliver(sysops, "tickets", messages); // what was deferred comes again

	expect(await ticketsAtSysops()).toEqual(tickets.filter(({ id }) => id !== closed));
	expect(await commentsAtSysops()).toEqual(comments);
	expect(tickets).toMatchObject(
		expect.arrayContaining([
			expect.objectContaining({ id: open, status: "queued" }),
			expect.objectContaining({ id: unwanted, status: "cancelled" }),
		]),
	);
	expect(await rowsOf(env.CUSTOMER_DB_00, "select type from outbox where parked_reason is not null")).toEqual([]);
});

it("following it twice, or when sysops has forgotten nothing, changes nothing there", async () => {
	const open = await submit("no picture");
	await comment(open, "and it smells");
	await settle();
	const before = [await ticketsAtSysops(), await commentsAtSysops()];

	await tellAgain();
	const messages = await tellAgain();
	await quanta.deliver(sysops, "tickets", messages);

	expect([await ticketsAtSysops(), await commentsAtSysops()]).toEqual(before);
});

it("one that was opened on the phone, which suits at any time, is told like the others", async () => {
	const open = await submit("no picture");
	await settle();
	await env.CUSTOMER_DB_00.prepare("update tickets set availability = null where id = ?").bind(open).run();
	await forget();

	await tellAgain();

	expect(await ticketsAtSysops()).toMatchObject([{ id: open, availability: '["morning","afternoon","evening"]' }]);
});
