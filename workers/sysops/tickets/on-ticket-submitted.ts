import { admitted, consumption } from "../../../shared/messaging/consumption.ts";
import { insertTicket } from "./store.ts";

/** A submitted ticket waits for an expert. Its receipt tells the customer that the service team has it. */
export const onTicketSubmitted = consumption("TicketSubmitted", { effects: [insertTicket(admitted)] });
