import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { Ctx } from "../../shared/context.ts";
import { topology } from "../../shared/events/topology.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { type Expert, givenExpert, givenTicketAt, ticketRow } from "../../shared/testing/desk.ts";
import { customerId, someCustomer, someTicket } from "../../shared/testing/fixtures.ts";
import { readMessage } from "../../shared/testing/forge.ts";
import { createQuanta, type Quanta } from "../../shared/testing/quanta.ts";
import { minutes } from "../../shared/time.ts";
import { acceptTicket } from "../../workers/sysops/tickets/accept-ticket.ts";
import { openTicket } from "../../workers/sysops/tickets/open-ticket.ts";
import { rejectTicket } from "../../workers/sysops/tickets/reject-ticket.ts";
import { replyToTicket } from "../../workers/sysops/tickets/reply-to-ticket.ts";
import { resolveTicket } from "../../workers/sysops/tickets/resolve-ticket.ts";

let quanta: Quanta;
let mary: Expert;
beforeEach(async () => {
	quanta = createQuanta(topology);
	mary = await givenExpert();
});

const helpdesk = { email: "helpdesk@squad.example", role: "helpdesk" } as const;
const expert = () => ({ email: mary.email, role: "expert" }) as const;
const call = { customerId: customerId("01"), ...someTicket, customer: { ...someCustomer, region: "south" as const } };

/** Each of the verbs on a ticket in this status; `events` is what it leaves in the outbox. */
const verbs = [
	{
		name: "an acceptance",
		status: "assigned",
		events: ["TicketStatusChanged"],
		act: (ctx: Ctx, ticketId: string) => acceptTicket({ ctx, input: { actor: expert(), ticketId } }),
	},
	{
		name: "a rejection",
		status: "accepted",
		events: ["TicketStatusChanged"],
		act: (ctx: Ctx, ticketId: string) => rejectTicket({ ctx, input: { actor: helpdesk, ticketId, reason: "Ill." } }),
	},
	{
		name: "a resolution",
		status: "in_progress",
		events: ["TicketClosed", "TicketStatusChanged"],
		act: (ctx: Ctx, ticketId: string) => resolveTicket({ ctx, input: { actor: expert(), ticketId, note: "A fuse." } }),
	},
	{
		name: "a reply",
		status: "assigned",
		events: ["TicketReplied"],
		act: (ctx: Ctx, ticketId: string) =>
			replyToTicket({ ctx, input: { actor: expert(), ticketId, text: "Soon.", idempotencyKey: "reply" } }),
	},
	{
		name: "a call",
		status: "assigned",
		events: ["TicketStatusChanged"],
		act: (ctx: Ctx) => openTicket({ ctx, input: { actor: helpdesk, ...call, idempotencyKey: "call" } }),
	},
] as const;

const outbox = async () =>
	(await rowsOf<{ type: string }>(env.SYSOPS_DB, "select type from outbox order by type")).map(({ type }) => type);
const audits = () => rowsOf(env.SYSOPS_DB, "select action from audit");
const sent = () => [...quanta.take("ticket-updates"), ...quanta.take("facts")].map((body) => readMessage(body).event["type"]);

describe.each(verbs)("$name", ({ status, events, act }) => {
	it("whose answer was lost is found done when it is asked for again", async () => {
		const id = await givenTicketAt(status, mary);
		quanta.databases.sysops.answersToLose = 1;
		await expect(act(quanta.ctx("sysops"), id)).rejects.toThrow("the answer was lost");
		const before = await contentsOf(env.SYSOPS_DB);
		quanta.now += 5;

		const again = await act(quanta.ctx("sysops"), id);

		expect(again).toMatchObject({ id: expect.any(String) });
		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
		expect(await audits()).toHaveLength(1);
		expect(await outbox()).toEqual(events);
	});

	it("that the database refuses has left nothing", async () => {
		const id = await givenTicketAt(status, mary);
		const before = await contentsOf(env.SYSOPS_DB);
		quanta.databases.sysops.down = true;

		await expect(act(quanta.ctx("sysops"), id)).rejects.toThrow("the database is down");

		expect(await contentsOf(env.SYSOPS_DB)).toEqual(before);
	});

	it("is told after the answer; when the queues take nothing, the relay tells it", async () => {
		const id = await givenTicketAt(status, mary);
		for (const queue of ["ticket-updates", "facts"]) quanta.failingQueues.add(queue);
		await act(quanta.ctx("sysops"), id);
		await quanta.settled();
		expect(sent()).toEqual([]);

		quanta.failingQueues.clear();
		quanta.now += 20 * minutes;
		await relay(quanta.ctx("sysops"));

		expect(sent().sort()).toEqual(events);
	});
});

it("what was done while the clock stood still, or went back, is told in versions that rise", async () => {
	const id = await givenTicketAt("assigned", mary, { version: quanta.now + 7 });
	const actor = expert();
	const versions = [Number((await ticketRow(id))?.["version"])];

	for (const step of [0, -minutes]) {
		quanta.now += step;
		await rejectTicket({ ctx: quanta.ctx("sysops"), input: { actor: helpdesk, ticketId: id, reason: "Ill." } });
		versions.push(Number((await ticketRow(id))?.["version"]));
		const assign = "update tickets set status = 'assigned', expert_id = ?, version = version + 1 where id = ?";
		await env.SYSOPS_DB.prepare(assign).bind(mary.id, id).run();
		await acceptTicket({ ctx: quanta.ctx("sysops"), input: { actor, ticketId: id } });
		versions.push(Number((await ticketRow(id))?.["version"]));
	}

	expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
});
