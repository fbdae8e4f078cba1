import { replicateContracts, replicateCron } from "../../shared/contracts/replicate.ts";
import { pruning } from "../../shared/messaging/prune.ts";
import { messagingCrons } from "../../shared/messaging/schedule.ts";
import type { Quantum } from "../../shared/quantum.ts";
import { days } from "../../shared/time.ts";
import { onCardRejected } from "./cards/on-card-rejected.ts";
import { onCardVerified } from "./cards/on-card-verified.ts";
import type { CustomerCtx } from "./context.ts";
import { onInvoiceIssued } from "./invoices/on-invoice-issued.ts";
import { onPaymentFailed } from "./payments/on-payment-failed.ts";
import { onPaymentRecovered } from "./payments/on-payment-recovered.ts";
import { onTicketReceived } from "./tickets/on-ticket-received.ts";
import { onTicketReplied } from "./tickets/on-ticket-replied.ts";
import { onTicketStatusChanged } from "./tickets/on-ticket-status-changed.ts";

/** A session lasts 7 days, and its token a little longer: after that nothing of it is accepted anyway. */
const revokedSessions = pruning("revoked_sessions", "session_id", "revoked_at", 8 * days);

/** Until long after nobody can answer any more. */
const surveys = pruning("surveys", "id", "expires_at", 90 * days);

/** Every card says itself from when. */
const cards = pruning("cards", "id", "prunable_at", 0);

/** What the customer Worker does without being asked. */
export const customer: Quantum<CustomerCtx> = {
	worker: "customer",
	consumes: [
		onTicketStatusChanged,
		onTicketReplied,
		onCardVerified,
		onCardRejected,
		// what has failed and recovered by the time that it comes has not to be told any more
		onPaymentRecovered,
		onPaymentFailed,
		onInvoiceIssued,
	],
	onReceipt: [onTicketReceived],
	crons: { ...messagingCrons([revokedSessions, surveys, cards]), [replicateCron]: (ctx) => replicateContracts(ctx) },
};
