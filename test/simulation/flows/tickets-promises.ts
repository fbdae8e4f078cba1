import { shardOf } from "../../../shared/ids.ts";
import { days } from "../../../shared/time.ts";
import type { TicketRow as CustomersTicket } from "../../../workers/customer/tickets/ticket.ts";
import type { Cluster } from "../cluster.ts";
import type { Person } from "../people.ts";

/** sysops forgets a ticket that has been closed for so long. */
const kept = 90 * days;

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
}

/** At sysops, with what the customer never sees. */
interface SysopsTicket extends TicketRow {
	name: string;
}

const common = "select id, customer_id, device, category, priority, text, status, cancellation_requested_at as requested";
const selectHere = `${common}, created_at as at from tickets`;
const selectThere = `${common}, submitted_at as at, customer->>'$.name' as name from tickets`;

/** Which tickets were ever to be cancelled, and which to be reopened. */
const selectWishes = "select ticket_id as id from wishes where type =";
const selectHelpdesk = "select subject as id from audit where action like '%cancel%'";

/** At every moment: a ticket that is not at sysops has an event that waits for it, and none is called received, or more, before. */
export function ticketsAtEveryMoment(cluster: Cluster): string[] {
	const arrived = idsOf(cluster.rows("sysops", "select id from tickets union select id from pruned"));
	const events = "select event->>'$.data.ticketId' as id from outbox where type = 'TicketSubmitted'";
	const waiting = idsOf(cluster.rows("customer", events));
	return cluster
		.rows<Pick<CustomersTicket, "id" | "status">>("customer", "select id, status from tickets")
		.flatMap(({ id, status }) => {
			if (status === "submitted" && !waiting.has(id)) return [`${id} is submitted and no event waits for sysops`];
			if (status !== "submitted" && !arrived.has(id)) return [`${id} is called ${status} and is not at sysops`];
			return [];
		});
}

/** In the end: both sides have the same tickets, every acknowledged one among them, and none twice. */
export function ticketsInTheEnd(cluster: Cluster, told: Told): string[] {
	const found: string[] = [];
	const here = byId(cluster.rows<TicketRow & Pick<CustomersTicket, "status">>("customer", selectHere));
	const there = byId(cluster.rows<SysopsTicket>("sysops", selectThere));
	const gone = prunedAtSysops(cluster, found);
	const cancelling = idsOf([
		...cluster.rows<Id>("customer", `${selectWishes} 'TicketCancellationRequested'`),
		...cluster.rows<Id>("sysops", selectHelpdesk),
	]);
	const reopening = idsOf(cluster.rows<Id>("customer", `${selectWishes} 'TicketReopenRequested'`));
	for (const [id, ticket] of here) {
		const other = there.get(id);
		if (shardOf(ticket.customer_id) !== shardOf(id)) found.push(`${id} is in another shard than its customer`);
		if (!other && !gone.has(id)) found.push(`${id} is not at sysops`);
		if (other && fingerprint(ticket) !== fingerprint(other)) found.push(`${id} is another one at sysops`);
		if (ticket.status === "submitted") found.push(`${id} is still ${ticket.status}`);
		if (ticket.requested !== null && ["queued", "assigned", "accepted"].includes(other?.status ?? "")) {
			found.push(`${id}: nobody works on it, and it is not cancelled`);
		}
		if (other?.status === "cancelled" && !cancelling.has(id)) found.push(`${id} is cancelled, and nobody wished it`);
		if (told.refused.has(ticket.customer_id)) found.push(`${id} belongs to a customer who was refused`);
	}
	for (const id of there.keys()) if (!here.has(id)) found.push(`${id} is at sysops, and its customer knows nothing of it`);
	for (const [wish, { length }] of Map.groupBy(here.values(), ({ text }) => text)) {
		if (length > 1) found.push(`${wish} has become ${length} tickets`);
	}
	for (const [id, { content, person }] of told.tickets) {
		const ticket = here.get(id);
		if (!ticket || contentOf(ticket) !== contentOf(content)) found.push(`${id} was acknowledged and is not what was submitted`);
		const name = there.get(id)?.name;
		if (name !== undefined && !person.names.includes(name)) found.push(`${id} has somebody else's name at sysops`);
	}
	for (const id of told.cancellations) {
		if (here.get(id)?.requested === null && !reopening.has(id)) found.push(`${id}: cancellation forgotten`);
	}
	return found;
}

export function commentsInTheEnd(cluster: Cluster, told: Told): string[] {
	const select = "select id, ticket_id, ticket_id || ' ' || text as text, author from comments";
	const here = byId(cluster.rows<CommentRow>("customer", select));
	const there = byId(cluster.rows<CommentRow>("sysops", select));
	const found: string[] = [];
	const gone = prunedAtSysops(cluster, found);
	for (const [id, { ticket_id, text, author }] of here) {
		const other = there.get(id);
		const same = other ? other.text === text && other.author === author : gone.has(ticket_id);
		if (!same) found.push(`comment ${id} is not at sysops`);
	}
	for (const id of there.keys()) if (!here.has(id)) found.push(`comment ${id} is at sysops, and nobody wrote it`);
	for (const [id, text] of told.comments) {
		if (here.get(id)?.text !== text) found.push(`comment ${id} was acknowledged and is not what was written`);
	}
	return found;
}

interface CommentRow {
	id: string;
	ticket_id: string;
	text: string;
	author: string | null;
}

/** The tickets that sysops has forgotten; it is noted in `found` when it did so too early. */
function prunedAtSysops(cluster: Cluster, found: string[]): ReadonlySet<string> {
	const pruned = cluster.rows<{ id: string; closed_at: number | null }>("sysops", "select id, closed_at from pruned");
	for (const { id, closed_at } of pruned) {
		if ((closed_at ?? Infinity) > cluster.world.now - kept) found.push(`sysops has forgotten ${id} too early`);
	}
	return idsOf(pruned);
}

interface Id {
	id: string;
}
const idsOf = (rows: readonly Id[]) => new Set(rows.map(({ id }) => id));
const byId = <Row extends { id: string }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]));

const contentOf = ({ device, category, priority, text }: Pick<TicketRow, keyof Content>) =>
	JSON.stringify([device, category, priority, text]);
const fingerprint = (ticket: TicketRow) => `${ticket.customer_id} ${ticket.at} ${contentOf(ticket)}`;
