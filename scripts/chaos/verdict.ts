import type { Promised } from "./clients.ts";
import type { Stored, StoredTicket, WithTickets } from "./stored.ts";

export interface Evidence {
	readonly promised: Promised;
	readonly stored: Readonly<Record<WithTickets, readonly Stored[]>>;
	/** Ids of the customers' own lists, as the API showed them. */
	readonly listed: ReadonlySet<string>;
}

const contentOf = ({ id, device, category, priority, text }: Omit<StoredTicket, "customer_id" | "status">) =>
	JSON.stringify([id, device, category, priority, text]);

/** What was promised and is not so, in words. Empty: nothing was lost, doubled or changed. */
export function failures({ promised, stored, listed }: Evidence): string[] {
	const found: string[] = [];
	const ticketsThere = stored.sysops.flatMap(({ tickets }) => tickets);
	const commentsThere = stored.sysops.flatMap(({ comments }) => comments);
	const ticketsHere = new Map(stored.customer.flatMap(({ tickets }) => tickets).map((ticket) => [ticket.id, ticket]));
	const commentsHere = new Set(stored.customer.flatMap(({ comments }) => comments).map(({ id }) => id));
	const thereByText = Map.groupBy(ticketsThere, ({ text }) => text);
	const thereById = new Map(ticketsThere.map((ticket) => [ticket.id, ticket]));
	const commentsByText = Map.groupBy(commentsThere, ({ text }) => text);

	for (const ticket of promised.tickets) {
		const [there, ...others] = thereByText.get(ticket.text) ?? [];
		if (!there) found.push(`ticket ${ticket.id} was promised and is not at sysops`);
		else if (others.length > 0) found.push(`ticket ${ticket.id} is at sysops ${others.length + 1} times`);
		else if (contentOf(there) !== contentOf(ticket)) found.push(`ticket ${ticket.id} is at sysops with another content`);
		else if (there.customer_id !== ticket.customerId) found.push(`ticket ${ticket.id} is at sysops as another customer's`);
		if (!listed.has(ticket.id)) found.push(`ticket ${ticket.id} was promised and is not in its customer's list`);
	}
	for (const comment of promised.comments) {
		const there = commentsByText.get(comment.text) ?? [];
		if (there.length !== 1) found.push(`comment ${comment.id} is at sysops ${there.length} times`);
		else if (there[0]?.ticket_id !== comment.ticketId) found.push(`comment ${comment.id} is at another ticket`);
	}
	for (const { ticketId } of promised.cancellations) {
		const status = thereById.get(ticketId)?.status;
		if (status !== "cancelled") found.push(`ticket ${ticketId} was to be cancelled and is ${status} at sysops`);
	}
	for (const { id, customer_id } of ticketsThere) {
		if (ticketsHere.get(id)?.customer_id !== customer_id)
			found.push(`ticket ${id} is at sysops and unknown to its customer's shard`);
	}
	for (const { id } of commentsThere) {
		if (!commentsHere.has(id)) found.push(`comment ${id} is at sysops and unknown to its customer's shard`);
	}
	for (const { id, status } of ticketsHere.values()) {
		if (status !== "received") found.push(`ticket ${id} is still ${status} for its customer`);
	}
	for (const { outbox, quarantined, dead } of Object.values(stored).flat()) {
		if (outbox > 0) found.push(`${outbox} events are left in an outbox`);
		if (quarantined + dead > 0) found.push(`${quarantined} messages in quarantine, ${dead} dead letters`);
	}
	return found;
}
