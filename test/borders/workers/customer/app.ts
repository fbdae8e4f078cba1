export { selectTickets } from "./tickets/store.ts";
