import { consumption } from "../../../shared/messaging/consumption.ts";
import { aboutTicket, keepComment } from "./store.ts";

/** A comment belongs to a ticket of the same customer; one that overtook its ticket is deferred. */
export const onTicketCommented = consumption("TicketCommented", {
	...aboutTicket("commentedAt"),
	effects: [keepComment("commentedAt")],
});
