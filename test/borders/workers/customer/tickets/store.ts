export const selectTickets = "select id from tickets";
