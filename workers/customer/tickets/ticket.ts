import type { tickets } from "../tables.ts";

/** A ticket as its customer sees it. Only sysops moves the status on; the customer asks. */
export interface TicketRow {
	readonly id: string;
	readonly status: typeof tickets.$inferSelect.status;
	/** Milliseconds since 1970, UTC. */
	readonly created_at: number;
	readonly device: string;
	readonly category: string;
	readonly priority: string;
	readonly text: string;
	readonly cancellation_requested_at: number | null;
}

export interface CommentRow {
	readonly id: string;
	readonly created_at: number;
	readonly text: string;
}

export interface Comment {
	readonly id: string;
	readonly createdAt: string;
	readonly text: string;
}

export interface Ticket {
	readonly id: string;
	readonly status: TicketRow["status"];
	readonly createdAt: string;
	readonly device: string;
	readonly category: string;
	readonly priority: string;
	readonly text: string;
	/** Until sysops has decided, the status stays what it was. */
	readonly cancellationRequestedAt: string | null;
}

/** Times leave as ISO 8601 instants. */
export function ticketOf({ id, status, device, category, priority, text, ...row }: TicketRow): Ticket {
	const requested = row.cancellation_requested_at;
	return {
		id,
		status,
		createdAt: instant(row.created_at),
		device,
		category,
		priority,
		text,
		cancellationRequestedAt: requested === null ? null : instant(requested),
	};
}

export function commentOf({ id, created_at, text }: CommentRow): Comment {
	return { id, createdAt: instant(created_at), text };
}

const instant = (at: number) => new Date(at).toISOString();
