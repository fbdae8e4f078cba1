import type { Ctx } from "../../../shared/context.ts";
import { carryOut, type MoveTicket, move } from "./move.ts";
import type { Ticket } from "./ticket.ts";

const start = move("ticket_started", { from: ["accepted"], to: "in_progress", standIns: ["administrator"] });

/** The expert is there and begins. Throws `not_found`, `not_permitted` or `wrong_status`. */
export const startTicket = ({ ctx, input }: { ctx: Ctx; input: MoveTicket }): Promise<Ticket> => carryOut(ctx, start, input);
