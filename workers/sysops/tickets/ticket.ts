import * as v from "valibot";
import { CustomerSnapshot, PartOfDay } from "../../../shared/events/customer.ts";
import { TicketStatus } from "../../../shared/events/sysops.ts";
import type { tickets } from "../tables.ts";

export type Status = typeof tickets.$inferSelect.status;
export const statuses = [
	"queued",
	"assigned",
	"accepted",
	"in_progress",
	"resolved",
	"cancelled",
] as const satisfies readonly Status[];

/** The columns of `ticketFields`. Times are milliseconds since 1970, UTC. */
export interface TicketRow {
	readonly id: string;
	readonly customer_id: string;
	readonly status: Status;
	readonly submitted_at: number;
	readonly received_at: number;
	readonly opened_at: number;
	readonly opened_by: string | null;
	readonly device: string;
	readonly category: string;
	readonly priority: string;
	readonly text: string;
	readonly customer: string;
	readonly region: string;
	readonly availability: string;
	readonly waiting_reason: string | null;
	readonly steps: string;
	readonly expert_id: string | null;
	readonly expert_name: string | null;
	readonly visit_from: number | null;
	readonly visit_to: number | null;
	readonly assigned_at: number | null;
	readonly note: string | null;
	readonly resolutions: number;
	readonly closed_at: number | null;
	readonly cancellation_requested_at: number | null;
}

const Availability = v.array(PartOfDay);
const Steps = v.array(v.object({ status: TicketStatus, at: v.number() }));

/** A ticket as the staff see it. Times leave as ISO 8601 instants. */
export function ticketOf(row: TicketRow) {
	return {
		id: row.id,
		customerId: row.customer_id,
		status: row.status,
		device: row.device,
		category: row.category,
		priority: row.priority,
		text: row.text,
		customer: v.parse(CustomerSnapshot, JSON.parse(row.customer)),
		region: row.region,
		availability: v.parse(Availability, JSON.parse(row.availability)),
		submittedAt: instant(row.submitted_at),
		receivedAt: instant(row.received_at),
		/** Since when it waits, or waited. */
		openedAt: instant(row.opened_at),
		/** Who of the staff opened it; null for the customer. */
		openedBy: row.opened_by,
		/** Why nobody can take it, as far as it is known. */
		waitingReason: row.waiting_reason,
		expert: row.expert_id === null ? null : { id: row.expert_id, name: row.expert_name ?? "" },
		/** Half-open. */
		visit: row.visit_from === null || row.visit_to === null ? null : { from: instant(row.visit_from), to: instant(row.visit_to) },
		assignedAt: instantOrNull(row.assigned_at),
		note: row.note,
		resolutions: row.resolutions,
		closedAt: instantOrNull(row.closed_at),
		cancellationRequestedAt: instantOrNull(row.cancellation_requested_at),
		/** How it came to this, the newest last. */
		steps: v.parse(Steps, JSON.parse(row.steps)).map(({ status, at }) => ({ status, at: instant(at) })),
	};
}
export type Ticket = ReturnType<typeof ticketOf>;

export interface CommentRow {
	readonly id: string;
	readonly commented_at: number;
	/** Null for the customer. */
	readonly author: string | null;
	readonly text: string;
}

export function commentOf({ id, commented_at, author, text }: CommentRow) {
	return { id, commentedAt: instant(commented_at), author, text };
}
export type Comment = ReturnType<typeof commentOf>;

export interface RejectionRow {
	readonly expert_id: string;
	/** Null when that expert is no longer known. */
	readonly expert_name: string | null;
	readonly rejected_at: number;
	readonly reason: string;
}

export function rejectionOf({ expert_id: id, expert_name: name, rejected_at, reason }: RejectionRow) {
	return { expert: { id, name }, rejectedAt: instant(rejected_at), reason };
}

const instant = (at: number) => new Date(at).toISOString();
const instantOrNull = (at: number | null) => (at === null ? null : instant(at));
