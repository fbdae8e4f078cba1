import { shardOf } from "../../../shared/ids.ts";
import { commentOnTicket } from "../../../workers/customer/tickets/comment-on-ticket.ts";
import { listTickets } from "../../../workers/customer/tickets/read-tickets.ts";
import { requestCancellation } from "../../../workers/customer/tickets/request-cancellation.ts";
import { submitTicket } from "../../../workers/customer/tickets/submit-ticket.ts";
import type { Answer, Cluster } from "../cluster.ts";
import { hours, minutes } from "../faults.ts";
import type { Flow, FlowKind } from "../flow.ts";
import { createPeople, type Person } from "./people.ts";

/** Tickets, comments and cancellations, from the customer to sysops and the receipts back. */
export const tickets: FlowKind = {
	witnesses: {
		customer: `
			create trigger status_went_back after update of status on tickets when old.status = 'received' and new.status <> 'received'
			begin insert into violations values ('status went back: ' || new.id); end;
			create trigger ticket_deleted after delete on tickets begin insert into violations values ('deleted: ' || old.id); end;`,
		sysops: `
			create trigger status_went_back after update of status on tickets when old.status = 'cancelled' and new.status <> 'cancelled'
			begin insert into violations values ('status went back at sysops: ' || new.id); end;
			create trigger ticket_changed after update on tickets
			when old.text <> new.text or old.customer <> new.customer or old.received_at <> new.received_at
			begin insert into violations values ('content changed at sysops: ' || new.id); end;`,
	},
	start: (customers) => new TicketsFlow(customers),
};

interface Content {
	readonly device: string;
	readonly category: "television" | "network";
	readonly priority: "normal" | "high";
	readonly text: string;
}

class TicketsFlow implements Flow {
	readonly #customers: number;
	readonly #acknowledged = new Map<string, { person: Person; content: Content }>();
	readonly #comments = new Map<string, { ticketId: string; text: string }>();
	readonly #cancelled = new Set<string>();
	readonly #refused: string[] = [];
	readonly #wrongAnswers: string[] = [];

	constructor(customers: number) {
		this.#customers = customers;
	}

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		const { random } = world;
		for (const person of createPeople(cluster, this.#customers)) {
			for (let i = 0; i < random.between(1, 5); i++) {
				// A session that was signed out is over after a week anyway, and then forgotten.
				const early = person.kind === "signed out" || random.chance(0.7);
				const at = random.between(0, early ? 20 * minutes : until - world.now);
				world.after(at, () => void this.#submit(cluster, person, i));
			}
		}
	}

	async #submit(cluster: Cluster, person: Person, turn: number): Promise<void> {
		const { random } = cluster.world;
		const key = `${person.customerId}-${turn}`;
		const category = random.pick(["television", "network"]);
		const content = { device: `device ${turn}`, category, priority: random.pick(["normal", "high"]), text: `wish ${key}` };
		const input = { ...content, session: person, idempotencyKey: key };
		const ticket = await insist(cluster, `${person.kind} ${key} submits`, (ctx) => submitTicket({ ctx, input }));
		if (!ticket) return;
		if ("problem" in ticket) return this.#refusedWith(person, ticket.problem);
		const { id } = ticket.answer;
		this.#acknowledged.set(id, { person, content });
		for (let i = 0; i < random.between(0, 3); i++) void this.#comment(cluster, person, id, i);
		if (random.chance(0.3)) void this.#cancel(cluster, person, id);
		if (random.chance(0.3)) void insist(cluster, "a repetition", (ctx) => submitTicket({ ctx, input }));
	}

	async #comment(cluster: Cluster, person: Person, ticketId: string, turn: number): Promise<void> {
		const text = `comment ${turn} on ${ticketId}`;
		const input = { session: person, ticketId, text, idempotencyKey: `${ticketId}-${turn}` };
		const comment = await insist(cluster, text, (ctx) => commentOnTicket({ ctx, input }));
		if (comment && "answer" in comment) this.#comments.set(comment.answer.id, { ticketId, text });
	}

	async #cancel(cluster: Cluster, session: Person, ticketId: string): Promise<void> {
		const input = { session, ticketId };
		const asked = await insist(cluster, `cancellation of ${ticketId}`, (ctx) => requestCancellation({ ctx, input }));
		if (asked && "answer" in asked) this.#cancelled.add(ticketId);
	}

	#refusedWith(person: Person, problem: string): void {
		this.#refused.push(person.customerId);
		if (problem !== person.expects && problem !== "unavailable") {
			this.#wrongAnswers.push(`a customer who is ${person.kind} was answered ${problem}`);
		}
	}

	always({ deployments: { customer, sysops } }: Cluster): string[] {
		const found: string[] = [];
		const arrived = new Set(sysops.databases.get("00")?.all<{ id: string }>("select id from tickets").map(({ id }) => id));
		for (const database of customer.databases.values()) {
			const waiting = database.all<{ id: string }>("select event->>'$.data.ticketId' as id from outbox where type = 'TicketSubmitted'");
			const waits = new Set(waiting.map(({ id }) => id));
			for (const { id, status } of database.all<{ id: string; status: string }>("select id, status from tickets")) {
				if (status === "submitted" && !waits.has(id)) found.push(`${id} is submitted and no event waits for sysops`);
				if (status === "received" && !arrived.has(id)) found.push(`${id} is called received and is not at sysops`);
			}
		}
		return found;
	}

	violations(cluster: Cluster): string[] {
		const { customer, sysops } = cluster.deployments;
		const found = [...this.#wrongAnswers];
		const here = [...customer.databases].flatMap(([shard, database]) => database.all<CustomerTicket>(selectHere, shard));
		const there = sysops.databases.get("00")?.all<SysopsTicket>(selectThere) ?? [];
		const byId = new Map(there.map((ticket) => [ticket.id, ticket]));
		for (const ticket of here) {
			const other = byId.get(ticket.id);
			if (shardOf(ticket.customer_id) !== ticket.shard) found.push(`${ticket.id} is in shard ${ticket.shard}`);
			if (!other) found.push(`${ticket.id} is not at sysops`);
			else if (fingerprint(ticket) !== fingerprint(other)) found.push(`${ticket.id} is another one at sysops`);
			if (ticket.status !== "received") found.push(`${ticket.id} is still ${ticket.status}`);
			const cancelled = other?.status === "cancelled";
			if (cancelled !== (ticket.requested !== null)) found.push(`${ticket.id}: cancellation and sysops disagree`);
			if (this.#refused.includes(ticket.customer_id)) found.push(`${ticket.id} belongs to a customer who was refused`);
		}
		const hereIds = new Map(here.map((ticket) => [ticket.id, ticket]));
		for (const { id } of there) if (!hereIds.has(id)) found.push(`${id} is at sysops, and its customer knows nothing of it`);

		const wishes = Map.groupBy(here, ({ text }) => text);
		for (const [wish, { length }] of wishes) if (length > 1) found.push(`${wish} has become ${length} tickets`);
		for (const [id, { content, person }] of this.#acknowledged) {
			const ticket = hereIds.get(id);
			const { device, category, priority, text } = content;
			if (!ticket || ticket.device !== device || ticket.category !== category || ticket.priority !== priority || ticket.text !== text) {
				found.push(`${id} was acknowledged and is not what was submitted`);
			}
			if (byId.get(id)?.name !== person.name) found.push(`${id} has somebody else's name at sysops`);
		}
		for (const id of this.#cancelled) if (hereIds.get(id)?.requested === null) found.push(`${id}: cancellation forgotten`);
		return [...found, ...this.#commentViolations(cluster)];
	}

	#commentViolations({ deployments: { customer, sysops } }: Cluster): string[] {
		const select = "select id, ticket_id || ' ' || text as text from comments";
		const here = [...customer.databases.values()].flatMap((database) => database.all<{ id: string; text: string }>(select));
		const there = new Map(sysops.databases.get("00")?.all<{ id: string; text: string }>(select).map(({ id, text }) => [id, text]));
		const lost = here.filter(({ id, text }) => there.get(id) !== text).map(({ id }) => `comment ${id} is not at sysops`);
		if (there.size > here.length) lost.push("sysops has comments that nobody wrote");
		const ids = new Set(here.map(({ id }) => id));
		return [...lost, ...[...this.#comments.keys()].filter((id) => !ids.has(id)).map((id) => `comment ${id} was acknowledged and is gone`)];
	}

	/** Everything is over: a customer's own list shows each of the acknowledged tickets. */
	async afterwards(cluster: Cluster): Promise<string[]> {
		const found: string[] = [];
		const people = new Map([...this.#acknowledged].map(([id, { person }]) => [person.customerId, id]));
		for (const [customerId, id] of people) {
			const page = await cluster.request("customer", "list", (ctx) => listTickets({ ctx, input: { customerId, limit: 100, cursor: "" } }));
			if (!("answer" in page) || !page.answer.items.some((ticket) => ticket.id === id)) found.push(`${id} is not in its customer's list`);
		}
		return found;
	}

	checked() {
		return {
			"acknowledged tickets": this.#acknowledged.size,
			"acknowledged comments": this.#comments.size,
			"acknowledged cancellations": this.#cancelled.size,
			"refused submissions": this.#refused.length,
		};
	}
}

interface TicketRow {
	id: string;
	customer_id: string;
	device: string;
	category: string;
	priority: string;
	text: string;
	at: number;
	status: string;
}
type CustomerTicket = TicketRow & { shard: string; requested: number | null };
type SysopsTicket = TicketRow & { name: string };

const selectHere = `select id, customer_id, device, category, priority, text, created_at as at, status,
	cancellation_requested_at as requested, ? as shard from tickets`;
const selectThere = `select id, customer_id, device, category, priority, text, submitted_at as at, status,
	customer->>'$.name' as name from tickets`;

const fingerprint = ({ customer_id, device, category, priority, text, at }: TicketRow) =>
	JSON.stringify([customer_id, device, category, priority, text, at]);

/** A client that tries again with the same key while no answer helps; now and then it gives up. */
async function insist<T>(
	cluster: Cluster,
	what: string,
	verb: Parameters<typeof cluster.request<T>>[2],
): Promise<Exclude<Answer<T>, { failed: true }> | undefined> {
	const { world } = cluster;
	for (;;) {
		const answer = await cluster.request("customer", what, verb);
		if (!("failed" in answer)) return answer;
		if (world.random.chance(0.1)) return undefined;
		await new Promise<void>((resolve) => world.after(world.random.between(100, 2 * hours), resolve));
	}
}
