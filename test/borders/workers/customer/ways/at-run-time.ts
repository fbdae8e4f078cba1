export const ticketOf = async () => (await import("../../sysops/tickets/ticket.ts")).ticketOf;
