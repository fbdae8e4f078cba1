import { prune } from "../../shared/messaging/prune.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { messagingCrons, pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import { type Quantum, together } from "../../shared/quantum.ts";
import { assignTickets } from "./assignment/assign-tickets.ts";
import { onTicketCancellationRequested } from "./tickets/on-ticket-cancellation-requested.ts";
import { onTicketCommented } from "./tickets/on-ticket-commented.ts";
import { onTicketReopenRequested } from "./tickets/on-ticket-reopen-requested.ts";
import { onTicketSubmitted } from "./tickets/on-ticket-submitted.ts";
import { pruneTickets } from "./tickets/prune-tickets.ts";

/** What sysops does without being asked. */
export const sysops: Quantum = {
	worker: "sysops",
	consumes: [onTicketSubmitted, onTicketCommented, onTicketCancellationRequested, onTicketReopenRequested],
	onReceipt: [],
	crons: {
		...messagingCrons(),
		[relayCron]: (ctx) => together(relay(ctx), assignTickets(ctx)),
		[pruneCron]: (ctx) => pruneTickets(ctx).then(() => prune(ctx)),
	},
};
