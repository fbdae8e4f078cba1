import "../../sysops/tickets/ticket.ts";
