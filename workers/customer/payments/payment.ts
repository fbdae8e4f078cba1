import type { PaymentFailed, PaymentReason, PaymentRecovered } from "../../../shared/events/billing.ts";
import { admitted } from "../../../shared/messaging/consumption.ts";
import type { CloudEvent } from "../../../shared/messaging/envelope.ts";

/** SQL that the two events about a period share: they go by one order of versions. */

export const said = (field: string) => `m.value->>'$.data.${field}'`;

const version = "cast(m.value->>'$.version' as integer)";

/** A customer's period, as both of them name it. */
export function periodNamed({ subject, data }: CloudEvent<object>): string {
	const { period } = data as PaymentFailed | PaymentRecovered; // it is asked of what its schema has taken
	return `${subject} ${period.from}`;
}

/** What is known of the period before, while it is older than what is said now. */
export const olderKnown = `(select p0.state from payments as p0
	where p0.customer_id = m.value->>'$.subject' and p0.from_at = ${said("period.from")} and p0.version < ${version})`;

/** Nobody has said this, or anything later, of the period before. True as long as it is what it was. */
export const isNews = `not exists (select 1 from payments as p0
	where p0.customer_id = m.value->>'$.subject' and p0.from_at = ${said("period.from")} and p0.version >= ${version})`;

/** Stores what is said; an older version changes nothing. */
export const storing = (state: "failed" | "recovered", changedAt: "failedAt" | "recoveredAt") => `
	insert into payments (customer_id, from_at, to_at, version, state, reason, next_attempt_at, amount_minor, currency, changed_at)
	select m.value->>'$.subject', ${said("period.from")}, ${said("period.to")}, ${version}, '${state}', ${said("reason")},
		${said("nextAttemptAt")}, ${said("amountMinor")}, ${said("currency")}, ${said(changedAt)}
	from ${admitted} where true
	on conflict do update set to_at = excluded.to_at, version = excluded.version, state = excluded.state,
		reason = excluded.reason, next_attempt_at = excluded.next_attempt_at, amount_minor = excluded.amount_minor,
		currency = excluded.currency, changed_at = excluded.changed_at
	where excluded.version > payments.version`;

/** What an e-mail about a period says. */
export const values = {
	periodFrom: said("period.from"),
	periodTo: said("period.to"),
	amountMinor: said("amountMinor"),
	currency: said("currency"),
	reason: said("reason"),
	nextAttemptAt: said("nextAttemptAt"),
} as const;

/** A period that could not be charged. Times in ms since 1970, UTC. */
export interface UnpaidRow {
	readonly from_at: number;
	readonly to_at: number;
	readonly reason: PaymentReason;
	readonly next_attempt_at: number | null;
	readonly amount_minor: number;
	readonly currency: string;
	readonly changed_at: number;
	/** 1 when the customer has entered another card since. */
	readonly card_since: number;
}
