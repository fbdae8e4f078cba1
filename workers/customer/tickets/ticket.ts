import type { Priority, SkillCategory } from "../../../shared/events/customer.ts";
import type { tickets } from "../tables.ts";
import type { Comment, Ticket } from "./schemas.ts";

export type { Comment, Ticket } from "./schemas.ts";

/** A ticket as its customer sees it. Only sysops moves the status on; the customer asks. */
export interface TicketRow {
	readonly id: string;
	readonly status: typeof tickets.$inferSelect.status;
	/** Milliseconds since 1970, UTC. */
	readonly created_at: number;
	readonly device: string;
	readonly category: SkillCategory;
	readonly priority: Priority;
	readonly text: string;
	readonly cancellation_requested_at: number | null;
}

export interface CommentRow {
	readonly id: string;
	readonly created_at: number;
	readonly text: string;
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
