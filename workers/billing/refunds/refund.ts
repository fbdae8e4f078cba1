import { hours, minutes } from "../../../shared/time.ts";
import { invoiceIdOf } from "../invoices/issue.ts";
import { idempotentFor } from "../provider/provider.ts";
import type { refunds } from "../tables.ts";

/** Of one invoice, failed ones too: what one request reads stays small. */
export const mostRefunds = 50;

export type RefundState = typeof refunds.$inferSelect.state;

/** A row of `refundColumns`. */
export interface RefundRow {
	readonly refund_id: string;
	readonly attempt_id: string;
	readonly state: RefundState;
	readonly requested_at: number;
	readonly requested_by: string;
	readonly reason: string;
	readonly net_minor: number;
	readonly tax_minor: number;
	readonly currency: string;
	readonly settled_at: number | null;
	readonly request_digest: string;
}

/** As the staff see it. */
export function refundView(row: RefundRow) {
	const { refund_id: id, state, currency, reason, net_minor: netMinor, tax_minor: taxMinor } = row;
	return {
		id,
		invoiceId: invoiceIdOf(row.attempt_id),
		state,
		amountMinor: netMinor + taxMinor,
		netMinor,
		taxMinor,
		currency,
		reason,
		requestedBy: row.requested_by,
		requestedAt: new Date(row.requested_at).toISOString(),
		settledAt: row.settled_at === null ? null : new Date(row.settled_at).toISOString(),
		creditNoteId: state === "refunded" ? invoiceIdOf(id) : null,
	};
}
export type RefundView = ReturnType<typeof refundView>;

/** How far a refund has come. All times in milliseconds. */
export interface Progress {
	readonly startedAt: number;
	/** When the provider had none of it although it was too late to repeat it. */
	readonly missedAt: number | null;
}

/**
 * What follows when the provider has none of this refund. While it remembers our key it may be asked again, and gives back
 * once. After that what it does not find may still be on its way there: it has to be missing at two looks before it is
 * asked as if for the first time.
 */
export function stepWhenMissing({ startedAt, missedAt }: Progress, now: number): "ask" | "ask_anew" | "wait" {
	if (now - startedAt < idempotentFor) return "ask";
	return missedAt === null ? "wait" : "ask_anew";
}

/** Until it is looked at again: five minutes, doubling up to six hours. */
export const pauseAfter = (looks: number) => Math.min(5 * minutes * 2 ** Math.min(looks - 1, 10), 6 * hours);
