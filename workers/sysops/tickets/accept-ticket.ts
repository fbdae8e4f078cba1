import type { Ctx } from "../../../shared/context.ts";
import { carryOut, type MoveTicket, move } from "./move.ts";
import type { Ticket } from "./ticket.ts";

const acceptance = move("ticket_accepted", { from: ["assigned"], to: "accepted", standIns: ["administrator"] });

/** The expert will come. Throws `not_found`, `not_permitted` or `wrong_status`. */
export const acceptTicket = ({ ctx, input }: { ctx: Ctx; input: MoveTicket }): Promise<Ticket> =>
	carryOut(ctx, acceptance, input);
