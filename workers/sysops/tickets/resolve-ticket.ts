import type { Ctx } from "../../../shared/context.ts";
import { carryOut, type MoveTicket, move } from "./move.ts";
import type { Ticket } from "./ticket.ts";
import { closed } from "./transition.ts";

export interface ResolveTicket extends MoveTicket {
	/** What the customer reads about the visit. */
	readonly note: string | null;
}

/** The visit stays: the expert was there. */
const resolution = move("ticket_resolved", {
	from: ["in_progress"],
	to: "resolved",
	standIns: ["administrator"],
	set: [closed, "resolutions = resolutions + 1", "note = :said"],
	same: "note is :said",
});

/** The problem is solved, and the ticket closed. Throws `not_found`, `not_permitted` or `wrong_status`. */
export const resolveTicket = ({ ctx, input: { note, ...input } }: { ctx: Ctx; input: ResolveTicket }): Promise<Ticket> =>
	carryOut(ctx, resolution, { ...input, said: note });
