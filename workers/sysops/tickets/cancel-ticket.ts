import type { Ctx } from "../../../shared/context.ts";
import { Problem } from "../../../shared/http/problem.ts";
import { carryOut, type MoveTicket, move } from "./move.ts";
import type { Ticket } from "./ticket.ts";
import { closed } from "./transition.ts";

const cancellation = move("ticket_cancelled", {
	from: ["queued", "assigned", "accepted"],
	to: "cancelled",
	standIns: ["helpdesk", "administrator"],
	set: [closed, "cancellation_requested_at = :now"],
	before: (decided) => [`delete from visits where ticket_id = :ticketId and ${decided}`],
});

/** A customer has called: nobody is to come. No expert decides that. Throws `not_found`, `not_permitted` or `wrong_status`. */
export async function cancelTicket({ ctx, input }: { ctx: Ctx; input: MoveTicket }): Promise<Ticket> {
	if (input.actor.role === "expert") throw new Problem("not_permitted");
	return carryOut(ctx, cancellation, input);
}
