import type { TicketWithComments } from "./schemas.ts";
import { cancellationWaits, isClosed, type Ticket } from "./ticket.ts";

type Status = Ticket["status"];

/** A step of a ticket as its page tells it. */
export interface Milestone {
	readonly status: Status;
	/** Null for what is still to come. */
	readonly at: string | null;
	readonly state: "done" | "now" | "ahead";
	/** Whether an expert had been found before, so that it waits for another one. */
	readonly again: boolean;
}

/** How it goes when nothing comes between. */
const way: readonly Status[] = ["submitted", "received", "assigned", "accepted", "in_progress", "resolved"];
const waiting: readonly Status[] = ["received", "reopened"];
const underWay: readonly Status[] = ["assigned", "accepted", "in_progress"];

/** What has happened to a ticket, where it is, and what comes next: nothing, while it may be cancelled. */
export function timelineOf(ticket: TicketWithComments): Milestone[] {
	const past: { status: Status; at: string }[] = [{ status: "submitted", at: ticket.createdAt }, ...ticket.steps];
	if (past.at(-1)?.status !== ticket.status) past.push({ status: ticket.status, at: ticket.changedAt ?? ticket.createdAt });

	const reached = ticket.status === "reopened" ? "received" : ticket.status;
	const ahead = isClosed(ticket) || cancellationWaits(ticket) ? [] : way.slice(way.indexOf(reached) + 1);
	return [
		...past.map(({ status, at }, i) => {
			const before = past[i - 1]?.status;
			const again = waiting.includes(status) && before !== undefined && underWay.includes(before);
			return { status, at, again, state: i === past.length - 1 ? ("now" as const) : ("done" as const) };
		}),
		...ahead.map((status) => ({ status, at: null, again: false, state: "ahead" as const })),
	];
}
