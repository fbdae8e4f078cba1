import { shardOf } from "../../../shared/ids.ts";
import type { TicketRow as CustomersTicket } from "../../../workers/customer/tickets/ticket.ts";
import type { Cluster } from "../cluster.ts";
import type { Person } from "../people.ts";

/** Every status of a ticket, in the order in which it goes through them: a later one is added here and nowhere else. */
export const statuses = {
	customer: ["submitted", "received", "cancelled"] satisfies CustomersTicket["status"][] as readonly string[],
	sysops: ["queued", "cancelled"],
};
const isReceived = (status: CustomersTicket["status"]) =>
	statuses.customer.indexOf(status) >= statuses.customer.indexOf("received");

/** What people were told, which must be true in the end. */
export interface Told {
	readonly tickets: Map<string, { readonly person: Person; readonly content: Content }>;
	readonly comments: Map<string, string>;
	readonly cancellations: Set<string>;
	/** Customers who were never in order, and were told so. */
	readonly refused: Set<string>;
}

export interface Content {
	readonly device: string;
	readonly category: "television" | "network";
	readonly priority: "normal" | "high";
	readonly text: string;
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
	requested: number | null;
	/** The customer's, at sysops. */
	name?: string;
}

const common = "select id, customer_id, device, category, priority, text, status, cancellation_requested_at as requested";
const selectHere = `${common}, created_at as at from tickets`;
const selectThere = `${common}, submitted_at as at, customer->>'$.name' as name from tickets`;

/** At every moment: a ticket that is not at sysops has an event that waits for it, and none is called received, or more, before. */
export function ticketsAtEveryMoment(cluster: Cluster): string[] {
	const arrived = idsOf(cluster.rows("sysops", "select id from tickets"));
	const events = "select event->>'$.data.ticketId' as id from outbox where type = 'TicketSubmitted'";
	const waiting = idsOf(cluster.rows("customer", events));
	return cluster
		.rows<Pick<CustomersTicket, "id" | "status">>("customer", "select id, status from tickets")
		.flatMap(({ id, status }) => {
			if (status === "submitted" && !waiting.has(id)) return [`${id} is submitted and no event waits for sysops`];
			if (isReceived(status) && !arrived.has(id)) return [`${id} is called ${status} and is not at sysops`];
			return [];
		});
}

/** In the end: both sides have the same tickets, every acknowledged one among them, and none twice. */
export function ticketsInTheEnd(cluster: Cluster, told: Told): string[] {
	const found: string[] = [];
	const here = byId(cluster.rows<TicketRow & Pick<CustomersTicket, "status">>("customer", selectHere));
	const there = byId(cluster.rows<TicketRow>("sysops", selectThere));
	for (const [id, ticket] of here) {
		const other = there.get(id);
		if (shardOf(ticket.customer_id) !== shardOf(id)) found.push(`${id} is in another shard than its customer`);
		if (!other) found.push(`${id} is not at sysops`);
		else if (fingerprint(ticket) !== fingerprint(other)) found.push(`${id} is another one at sysops`);
		if (!isReceived(ticket.status)) found.push(`${id} is still ${ticket.status}`);
		if ((other?.status === "cancelled") !== (ticket.requested !== null)) found.push(`${id}: cancellation and sysops disagree`);
		if (told.refused.has(ticket.customer_id)) found.push(`${id} belongs to a customer who was refused`);
	}
	for (const id of there.keys()) if (!here.has(id)) found.push(`${id} is at sysops, and its customer knows nothing of it`);
	for (const [wish, { length }] of Map.groupBy(here.values(), ({ text }) => text)) {
		if (length > 1) found.push(`${wish} has become ${length} tickets`);
	}
	for (const [id, { content, person }] of told.tickets) {
		const ticket = here.get(id);
		if (!ticket || contentOf(ticket) !== contentOf(content)) found.push(`${id} was acknowledged and is not what was submitted`);
		if (!person.names.includes(there.get(id)?.name ?? "")) found.push(`${id} has somebody else's name at sysops`);
	}
	for (const id of told.cancellations) if (here.get(id)?.requested === null) found.push(`${id}: cancellation forgotten`);
	return found;
}

export function commentsInTheEnd(cluster: Cluster, told: Told): string[] {
	const select = "select id, ticket_id || ' ' || text as text from comments";
	const here = byId(cluster.rows<{ id: string; text: string }>("customer", select));
	const there = byId(cluster.rows<{ id: string; text: string }>("sysops", select));
	const found: string[] = [];
	for (const [id, { text }] of here) if (there.get(id)?.text !== text) found.push(`comment ${id} is not at sysops`);
	for (const id of there.keys()) if (!here.has(id)) found.push(`comment ${id} is at sysops, and nobody wrote it`);
	for (const [id, text] of told.comments) {
		if (here.get(id)?.text !== text) found.push(`comment ${id} was acknowledged and is not what was written`);
	}
	return found;
}

const idsOf = (rows: readonly { id: string }[]) => new Set(rows.map(({ id }) => id));
const byId = <Row extends { id: string }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]));

const contentOf = ({ device, category, priority, text }: Pick<TicketRow, keyof Content>) =>
	JSON.stringify([device, category, priority, text]);
const fingerprint = (ticket: TicketRow) => `${ticket.customer_id} ${ticket.at} ${contentOf(ticket)}`;
