import type { Ctx } from "../../../shared/context.ts";
import { carryOut, type MoveTicket, move } from "./move.ts";
import type { Ticket } from "./ticket.ts";
import { released } from "./transition.ts";

export interface RejectTicket extends MoveTicket {
	readonly reason: string;
}

/** Helpdesk does it for an expert who calls in sick: it counts as that expert's. */
const rejection = move("ticket_rejected", {
	from: ["assigned", "accepted"],
	to: "queued",
	standIns: ["helpdesk", "administrator"],
	set: [released],
	releases: true,
	before: (decided) => [
		`insert into rejections (ticket_id, expert_id, rejected_at, reason)
		select id, expert_id, :now, :said from tickets where id = :ticketId and ${decided}
		on conflict do update set rejected_at = excluded.rejected_at, reason = excluded.reason`,
		`delete from visits where ticket_id = :ticketId and ${decided}`,
	],
	same: `exists (select 1 from rejections
		where ticket_id = tickets.id and rejected_at = tickets.changed_at and reason = :said)`,
});

/** The expert does not come; the ticket waits for another one. Throws `not_found`, `not_permitted` or `wrong_status`. */
export const rejectTicket = ({ ctx, input: { reason, ...input } }: { ctx: Ctx; input: RejectTicket }): Promise<Ticket> =>
	carryOut(ctx, rejection, { ...input, said: reason });
