import { prune, pruning } from "../../shared/messaging/prune.ts";
import { relay } from "../../shared/messaging/relay.ts";
import { pruneCron, relayCron } from "../../shared/messaging/schedule.ts";
import type { Quantum } from "../../shared/quantum.ts";
import { receiveTickets } from "./tickets/store.ts";

const days = 24 * 3_600_000;
/** A session lasts 7 days, and its token a little longer: after that nothing of it is accepted anyway. */
const revokedSessions = pruning("revoked_sessions", "session_id", "revoked_at", 8 * days);

/** What the customer Worker does without being asked. */
export const customer: Quantum = {
	worker: "customer",
	consumes: [],
	onReceipt: [receiveTickets],
	crons: { [relayCron]: (ctx) => relay(ctx), [pruneCron]: (ctx) => prune(ctx, [revokedSessions]) },
};
