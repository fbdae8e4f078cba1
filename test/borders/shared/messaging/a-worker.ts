export { ticketOf } from "../../workers/sysops/tickets/ticket.ts";
