import { ticketOf } from "../../sysops/tickets/ticket.ts";

export const ticket = ticketOf("1");
