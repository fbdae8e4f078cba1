import type { Ticket } from "../../sysops/tickets/ticket.ts";

export type Id = Ticket["id"];
