import type { PartOfDay, Priority, SkillCategory } from "../../../shared/events/customer.ts";
import { days } from "../../../shared/time.ts";
import type { tickets } from "../tables.ts";
import type { Comment, Ticket, TicketStep } from "./schemas.ts";

export type { Comment, Ticket, TicketStep } from "./schemas.ts";

type Status = typeof tickets.$inferSelect.status;

/** A ticket as its customer sees it. Only sysops moves the status on; the customer asks. Times in ms since 1970, UTC. */
export interface TicketRow {
	readonly id: string;
	readonly status: Status;
	readonly created_at: number;
	readonly device: string;
	readonly category: SkillCategory;
	readonly priority: Priority;
	readonly text: string;
	/** `PartOfDay`s as JSON. */
	readonly availability: string | null;
	readonly resolutions: number;
	readonly expert_name: string | null;
	readonly visit_from: number | null;
	readonly visit_to: number | null;
	readonly note: string | null;
	readonly changed_at: number | null;
	readonly cancellation_requested_at: number | null;
	readonly reopen_requested_at: number | null;
}

/** Before sysops has said anything of it. */
export const untouched = {
	status: "submitted",
	resolutions: 0,
	expert_name: null,
	visit_from: null,
	visit_to: null,
	note: null,
	changed_at: null,
	cancellation_requested_at: null,
	reopen_requested_at: null,
} as const satisfies Partial<TicketRow>;

export interface CommentRow {
	readonly id: string;
	readonly created_at: number;
	readonly text: string;
	readonly author: string | null;
}

/** Times leave as ISO 8601 instants. */
export function ticketOf({ id, status, device, category, priority, text, resolutions, note, ...row }: TicketRow): Ticket {
	const { expert_name: name, visit_from: from, visit_to: to, changed_at: changedAt } = row;
	const reopenable = status === "resolved" && changedAt !== null && row.reopen_requested_at === null;
	return {
		id,
		status,
		changedAt: instantOrNull(changedAt),
		createdAt: instant(row.created_at),
		device,
		category,
		priority,
		text,
		availability: row.availability === null ? null : (JSON.parse(row.availability) as PartOfDay[]), // as it was submitted
		expert: name === null ? null : { name },
		visit: from === null || to === null ? null : { from: instant(from), to: instant(to) },
		note,
		resolutions,
		cancellationRequestedAt: instantOrNull(row.cancellation_requested_at),
		reopenRequestedAt: instantOrNull(row.reopen_requested_at),
		reopenableUntil: reopenable ? instant(changedAt + closedFor) : null,
	};
}

export function commentOf({ id, created_at, text, author }: CommentRow): Comment {
	return { id, createdAt: instant(created_at), text, author };
}

/** `steps` as `TicketStatusChanged` has brought them. */
export function stepsOf(steps: string): TicketStep[] {
	const known = JSON.parse(steps) as { status: TicketStep["status"]; at: number }[]; // checked when the event arrived
	return known.map(({ status, at }) => ({ status, at: instant(at) }));
}

const instant = (at: number) => new Date(at).toISOString();
const instantOrNull = (at: number | null) => (at === null ? null : instant(at));

/** While nobody is at work, the visit can still be called off. */
export const cancellable = ["submitted", "received", "assigned", "accepted", "reopened"] as const satisfies Status[];
/** Nothing more will happen, unless a resolved one is reopened. */
export const closed = ["resolved", "cancelled"] as const satisfies Status[];
/** How long a resolved ticket can be reopened and a closed one commented on, in ms: the service team keeps none for ever. */
export const closedFor = 14 * days;

const isOneOf = (statuses: readonly Status[], { status }: Pick<Ticket, "status">) => statuses.includes(status);

export const isClosed = (ticket: Pick<Ticket, "status">) => isOneOf(closed, ticket);

/** Whether the customer can ask that nobody comes. */
export const canCancel = (ticket: Ticket) => ticket.cancellationRequestedAt === null && isOneOf(cancellable, ticket);

/** Whether the customer waits for an answer to that. */
export const cancellationWaits = (ticket: Ticket) => ticket.cancellationRequestedAt !== null && !isClosed(ticket);

/** The same of the wish that somebody comes again. */
export const reopeningWaits = (ticket: Ticket) => ticket.reopenRequestedAt !== null && ticket.status === "resolved";

/** Whether an expert is on the way to the customer, or with them. */
export const visitIsAhead = ({ status }: Ticket) => status === "assigned" || status === "accepted" || status === "in_progress";

/** Whether the customer can say, at `now`, that the problem is back. */
export const canReopen = ({ reopenableUntil }: Ticket, now: number) =>
	reopenableUntil !== null && now < Date.parse(reopenableUntil);

/** Whether a comment, at `now`, still reaches somebody. */
export const takesComments = (ticket: Ticket, now: number) =>
	!isClosed(ticket) || now < Date.parse(ticket.changedAt ?? ticket.createdAt) + closedFor;
