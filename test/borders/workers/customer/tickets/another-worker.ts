export { ticketOf } from "../../sysops/tickets/ticket.ts";
