import type { PaymentReason } from "../../../shared/events/billing.ts";
import { periodStart } from "../../../shared/periods.ts";

export interface PeriodRow {
	readonly customer_id: string;
	readonly from_at: number;
	readonly starts_at: number;
	readonly period_index: number;
	readonly state: "due" | "paid" | "parked" | "void";
	readonly attempt_at: number | null;
	readonly declines: number;
	readonly failure: PaymentReason | null;
}

export interface AttemptRow {
	readonly attempt_id: string;
	readonly from_at: number;
	readonly state: string;
	readonly started_at: number;
	readonly settled_at: number | null;
	readonly total_minor: number;
	readonly currency: string;
	readonly reason: PaymentReason | null;
	readonly charge_ref: string | null;
	readonly brand: string | null;
	readonly last4: string | null;
}

const instant = (at: number) => new Date(at).toISOString();
const instantOrNull = (at: number | null) => (at === null ? null : instant(at));

/** A period as the staff reads it: times as ISO 8601 instants, `to` exclusive. */
export function periodView(row: PeriodRow) {
	return {
		customerId: row.customer_id,
		from: instant(row.from_at),
		to: instant(periodStart(row.starts_at, row.period_index + 1)),
		state: row.state,
		/** When it is tried next; null is not by itself. */
		nextAttemptAt: instantOrNull(row.attempt_at),
		declines: row.declines,
		failure: row.failure,
	};
}

export function attemptView(row: AttemptRow) {
	return {
		id: row.attempt_id,
		state: row.state,
		startedAt: instant(row.started_at),
		settledAt: instantOrNull(row.settled_at),
		amountMinor: row.total_minor,
		currency: row.currency,
		reason: row.reason,
		/** The provider's name of the charge; of one that is `unknown`: it was of another amount. */
		chargeRef: row.charge_ref,
		card: row.brand === null ? null : { brand: row.brand, last4: row.last4 },
	};
}
