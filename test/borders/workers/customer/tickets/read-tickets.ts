export { selectTickets } from "./store.ts";
