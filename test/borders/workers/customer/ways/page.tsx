import { ticketOf } from "../../sysops/tickets/ticket.ts";

export const Page = () => <p>{ticketOf("1").id}</p>;
