import type { PartOfDay } from "../../../shared/events/customer.ts";
import { minutes } from "../../../shared/time.ts";
import { commentOnTicket } from "../../../workers/customer/tickets/comment-on-ticket.ts";
import { listTickets } from "../../../workers/customer/tickets/read-tickets.ts";
import { requestCancellation } from "../../../workers/customer/tickets/request-cancellation.ts";
import { submitTicket } from "../../../workers/customer/tickets/submit-ticket.ts";
import type { Cluster } from "../cluster.ts";
import type { Flow, FlowKind } from "../flow.ts";
import { insist } from "../insist.ts";
import type { Person } from "../people.ts";
import { commentsInTheEnd, type Told, ticketsAtEveryMoment, ticketsInTheEnd } from "./tickets-promises.ts";

/** Tickets, comments and cancellations, from the customer to sysops and the receipts back. */
export const tickets: FlowKind = {
	witnesses: {
		customer: `create trigger ticket_deleted after delete on tickets begin insert into violations values ('deleted: ' || old.id); end;
			create trigger ticket_refused after insert on tickets
			when new.status = 'submitted' and (exists (select 1 from revoked_sessions join sessions_of using (session_id) where customer_id = new.customer_id)
				or not exists (select 1 from plans where customer_id = new.customer_id and coalesce(ends_at, new.created_at + 1) > new.created_at))
			begin insert into violations values ('a customer who was out of order at that moment has submitted ' || new.id); end;
			create table wishes (ticket_id text, type text);
			create trigger wished after insert on outbox when new.type in ('TicketCancellationRequested', 'TicketReopenRequested')
			begin insert into wishes values (new.event->>'$.data.ticketId', new.type); end;
			create trigger snapshot_taken after insert on outbox when new.type = 'TicketSubmitted' and
				new.event->>'$.data.customer.name' is not (select name from profiles where customer_id = new.event->>'$.subject')
			begin insert into violations values ('a snapshot is not the profile of its moment: ' || new.event_id); end;`,
		sysops: `create trigger ticket_changed after update on tickets
			when old.text <> new.text or old.customer <> new.customer or old.received_at <> new.received_at
			begin insert into violations values ('content changed at sysops: ' || new.id); end;`,
	},
	start: (people) => new TicketsFlow(people),
};

class TicketsFlow implements Flow {
	readonly #people: readonly Person[];
	readonly #told: Told = { tickets: new Map(), comments: new Map(), cancellations: new Set(), refused: new Set() };
	readonly #wrongAnswers: string[] = [];

	constructor(people: readonly Person[]) {
		this.#people = people;
	}

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		const { random } = world;
		for (const person of this.#people) {
			for (let i = 0; i < random.between(1, 5); i++) {
				const early = random.chance(0.7);
				const at = random.between(0, early ? 20 * minutes : until - world.now);
				world.after(at, () => void this.#submit(cluster, person, i));
			}
		}
	}

	async #submit(cluster: Cluster, person: Person, turn: number): Promise<void> {
		const { now, random } = cluster.world;
		if (now > person.sessionEnds) return;
		const key = `${person.customerId}-${turn}`;
		const category = random.pick(["television", "network"]);
		const content = { device: `device ${turn}`, category, priority: random.pick(["normal", "high"]), text: `wish ${key}` };
		const availability: PartOfDay[] = random.chance(0.5) ? ["morning"] : ["evening", "afternoon"];
		const input = { ...content, availability, session: person, idempotencyKey: key };
		const ticket = await insist(cluster, `${person.kind} ${key} submits`, (ctx) => submitTicket({ ctx, input }));
		if (!ticket) return;
		if ("problem" in ticket) return this.#refusedWith(person, ticket.problem);
		const { id } = ticket.answer;
		this.#told.tickets.set(id, { person, content });
		for (let i = 0; i < random.between(0, 3); i++) void this.#comment(cluster, person, id, i);
		if (random.chance(0.3)) void this.#cancel(cluster, person, id);
		if (random.chance(0.3)) void insist(cluster, "a repetition", (ctx) => submitTicket({ ctx, input }));
	}

	async #comment(cluster: Cluster, person: Person, ticketId: string, turn: number): Promise<void> {
		const text = `comment ${turn} on ${ticketId}`;
		const input = { session: person, ticketId, text, idempotencyKey: `${ticketId}-${turn}` };
		const comment = await insist(cluster, text, (ctx) => commentOnTicket({ ctx, input }));
		if (comment && "answer" in comment) this.#told.comments.set(comment.answer.id, `${ticketId} ${text}`);
	}

	async #cancel(cluster: Cluster, session: Person, ticketId: string): Promise<void> {
		const input = { session, ticketId };
		const asked = await insist(cluster, `cancellation of ${ticketId}`, (ctx) => requestCancellation({ ctx, input }));
		if (asked && "answer" in asked) this.#told.cancellations.add(ticketId);
	}

	#refusedWith(person: Person, problem: string): void {
		if (person.kind !== "in order") this.#told.refused.add(person.customerId);
		if (!person.mayHear.has(problem) && problem !== "unavailable") {
			this.#wrongAnswers.push(`a customer who is ${person.kind} was answered ${problem}`);
		}
	}

	always(cluster: Cluster): string[] {
		return ticketsAtEveryMoment(cluster);
	}

	violations(cluster: Cluster): string[] {
		return [...this.#wrongAnswers, ...ticketsInTheEnd(cluster, this.#told), ...commentsInTheEnd(cluster, this.#told)];
	}

	/** A customer's own list shows the last ticket that was acknowledged. */
	async afterwards(cluster: Cluster): Promise<string[]> {
		const found: string[] = [];
		const lastOf = new Map([...this.#told.tickets].map(([id, { person }]) => [person.customerId, id]));
		for (const [customerId, id] of lastOf) {
			const input = { customerId, limit: 100, cursor: "" };
			const page = await cluster.request("customer", "list", (ctx) => listTickets({ ctx, input }));
			const shown = "answer" in page && page.answer.items.some((ticket) => ticket.id === id);
			if (!shown) found.push(`${id} is not in its customer's list`);
		}
		return found;
	}

	checked() {
		return {
			"acknowledged tickets": this.#told.tickets.size,
			"acknowledged comments": this.#told.comments.size,
			"acknowledged cancellations": this.#told.cancellations.size,
			"refused customers": this.#told.refused.size,
		};
	}
}
