import { pruning } from "../../shared/messaging/prune.ts";
import { messagingCrons } from "../../shared/messaging/schedule.ts";
import type { Quantum } from "../../shared/quantum.ts";
import { keepFacts } from "./facts.ts";
import { onPaymentRecorded } from "./payments/on-payment-recorded.ts";
import { onSurveySubmitted } from "./surveys/on-survey-submitted.ts";
import { onTicketClosed } from "./tickets/on-ticket-closed.ts";

/** What analytics does without being asked. */
export const analytics: Quantum = {
	worker: "analytics",
	consumes: [onSurveySubmitted, onTicketClosed, onPaymentRecorded],
	onReceipt: [],
	crons: messagingCrons([
		pruning("surveys", "id", "submitted_at", keepFacts),
		pruning("closings", "ticket_id, closing", "closed_at", keepFacts),
		pruning("payments", "payment_id", "recorded_at", keepFacts),
	]),
};
