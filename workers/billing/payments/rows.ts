import type { BaseCtx } from "../../../shared/context.ts";
import type { PaymentFailed, PaymentRecorded, PaymentRecovered } from "../../../shared/events/billing.ts";
import type { Language } from "../../../shared/events/customer.ts";
import { idOf, type Shard } from "../../../shared/ids.ts";
import type { Row } from "../../../shared/messaging/effects.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { invoiceDraft } from "../invoices/invoice-draft.ts";
import type { WithDraft } from "../invoices/issue.ts";
import type { Terms } from "../invoices/terms.ts";
import type { Answer, Question } from "./ask-provider.ts";
import type { Decision } from "./decide.ts";
import { afterDecline } from "./dunning.ts";
import type { AttemptBill, Customer, Period } from "./picture.ts";

/** The rows of `saving` and `settling`: what is written, as SQL reads it. */

/** A period, and what is to be done with it. */
export interface Decided {
	readonly period: Period;
	readonly customer: Customer;
	readonly decision: Decision;
}

/**
 * Derived, so that a database which was put back to an older time asks under the same id again: what the provider has
 * done once it does not do twice.
 */
export const attemptIdOf = async (ctx: BaseCtx, shard: Shard, { customerId, fromAt }: Period, number: number) =>
	idOf("att", shard, await ctx.digest(`${customerId} ${fromAt} ${number}`));

const refundIdOf = async (ctx: BaseCtx, shard: Shard, attemptId: string, number: number) =>
	idOf("rfd", shard, await ctx.digest(`${attemptId} ${number}`));

/** What a customer is told of a refund that nobody asked for. */
const refundReason: Readonly<Record<Language, string>> = {
	en: "Your plan had been changed or ended before this was charged.",
	de: "Ihr Plan war geändert oder beendet, bevor dies abgebucht wurde.",
};

type SqlRow = Row & Readonly<Record<string, unknown>>;

interface SavedAt {
	readonly shard: Shard;
	readonly now: number;
	readonly chargeDelay: number;
	/** Of the attempt that is to begin. */
	readonly attemptId: string | undefined;
}

/** The row of `saving` for a decision. */
export async function savedRow(ctx: BaseCtx, { period, customer, decision }: Decided, at: SavedAt): Promise<SqlRow> {
	const { customerId, fromAt, toAt, startsAt, index, state, attempt } = period;
	const goesOn = decision.kind !== "end" && decision.kind !== "later" && state !== "void";
	const next = goesOn ? { fromAt: toAt, startsAt, index: index + 1, lookAt: toAt + at.chargeDelay } : null;
	const row = { subject: customerId, fromAt, kind: decision.kind, next };
	const seen = { lastAttempt: attempt?.attemptId ?? null, adjustmentsSeen: customer.adjustmentsSeen };
	switch (decision.kind) {
		case "hold":
		case "later":
		case "look_up":
			return row;
		case "rest": {
			const { lookAt: lookedAt, attemptAt } = period;
			return { ...row, lookAt: decision.lookAt, lookedAt, state, attemptAt };
		}
		case "wait": {
			const { plan, bill } = decision;
			const failed = failedData(period, bill, { reason: "no_card", nextAttemptAt: null, failedAt: at.now });
			return { ...row, ...seen, planVersion: plan.version, failed };
		}
		case "end": {
			const { plan, settles, currency } = decision;
			const refunds = decision.refunds.map(async ({ number, ...refund }) => ({
				...refund,
				refundId: await refundIdOf(ctx, at.shard, refund.attemptId, number),
			}));
			const recovered = recoveredData(period, { totalMinor: 0, currency }, at.now);
			const reason = refundReason[customer.profile?.language ?? "en"];
			return { ...row, ...seen, planVersion: plan.version, recovered, reason, refunds: await Promise.all(refunds), settles };
		}
		case "begin": {
			const { plan, bill, card } = decision;
			const adjusts = Number(bill.adjustments.length > 0 || bill.settles.length > 0);
			const number = numberOfNext(period);
			const begun = { attemptId: at.attemptId, number, cardId: card?.cardId ?? null, startedAt: at.now, bill };
			return { ...row, ...seen, planVersion: plan.version, adjusts, ...begun };
		}
		default:
			return decision satisfies never;
	}
}

export const numberOfNext = ({ attempt }: Period) => (attempt?.number ?? 0) + 1;

/** A provider that does not know yet is asked again after a minute, then after twice as long each time, up to six hours. */
const lookAgainAfter = (lookups: number) => Math.min(2 ** lookups * minutes, 6 * hours);

/** What the provider has refused is asked for anew, under another id, until somebody has seen to it. */
const refusedAgainAfter = 1 * days;

interface Settled {
	readonly period: Period;
	readonly customer: Customer;
	readonly bill: AttemptBill;
	readonly lookups: number;
	readonly charge: Question["charge"];
	readonly answer: Answer;
}

/** The row of `settling` for what the provider has answered. */
export function settledRow(
	{ period, customer, bill, lookups, charge, answer }: Settled,
	{ seller, now }: Pick<Terms, "seller"> & { readonly now: number },
): WithDraft & SqlRow {
	const { customerId, fromAt, startsAt, declines, roundAt } = period;
	const row = { subject: customerId, fromAt, startsAt, paymentId: charge.attemptId, invoice: null };
	switch (answer.outcome) {
		case "unknown":
			return { ...row, outcome: "unknown", lookAt: now + lookAgainAfter(lookups) };
		case "charged_otherwise":
			return { ...row, outcome: "unknown", chargeRef: answer.ref, lookAt: now + lookAgainAfter(lookups) };
		case "given_up":
			return { ...row, outcome: "given_up", follows: { state: "due", attemptAt: now, declines, roundAt } };
		case "refused": // no fault of the customer's, who is told nothing: somebody has to see to it
			return { ...row, outcome: "given_up", follows: { state: "due", attemptAt: now + refusedAgainAfter, declines, roundAt } };
		case "declined": {
			const { kind, reason } = answer.decline;
			const { attemptAt, ...round } = afterDecline(period, { kind, startedAt: charge.startedAt, now });
			const failed = failedData(period, bill, { reason, nextAttemptAt: attemptAt, failedAt: now });
			const recorded = recordedData(period, bill, charge.attemptId, `declined_${kind}`, now);
			const follows = { state: attemptAt === null ? "parked" : "due", attemptAt, ...round };
			return { ...row, outcome: `declined_${kind}`, reason, failed, recorded, follows };
		}
		case "approved": {
			const recovered = recoveredData(period, bill, now);
			const recorded = recordedData(period, bill, charge.attemptId, "approved", now);
			const follows = { state: "paid", attemptAt: null, declines, roundAt };
			const invoice = invoiceOf({ period, customer, bill, paymentId: charge.attemptId, seller, now });
			return { ...row, outcome: "approved", chargeRef: answer.ref, settles: bill.settles, recovered, recorded, follows, invoice };
		}
		default:
			return answer satisfies never;
	}
}

type OfInvoice = Pick<Settled, "period" | "customer" | "bill"> & Pick<Terms, "seller"> & { paymentId: string; now: number };

/** Null for somebody of whom nothing is known any more: no attempt begins for them, and no invoice can be written to them. */
function invoiceOf({ period, customer, bill, paymentId, seller, now }: OfInvoice): WithDraft["invoice"] {
	if (!customer.profile) return null;
	const { region: _, language, ...buyer } = customer.profile;
	return invoiceDraft({ bill, paymentId, issuedAt: now, period: spanOf(period), seller, buyer, card: bill.card, language });
}

const spanOf = ({ fromAt: from, toAt: to }: Period) => ({ from, to });

type Amount = Pick<AttemptBill, "totalMinor" | "currency">;

function failedData(
	period: Period,
	{ totalMinor: amountMinor, currency }: Amount,
	failure: Pick<PaymentFailed, "reason" | "nextAttemptAt" | "failedAt">,
): PaymentFailed {
	return { period: spanOf(period), amountMinor, currency, ...failure };
}

function recoveredData(period: Period, { totalMinor: amountMinor, currency }: Amount, recoveredAt: number): PaymentRecovered {
	return { period: spanOf(period), amountMinor, currency, recoveredAt };
}

function recordedData(
	period: Period,
	{ totalMinor: amountMinor, currency }: Amount,
	paymentId: string,
	outcome: PaymentRecorded["outcome"],
	recordedAt: number,
): PaymentRecorded {
	return { paymentId, outcome, amountMinor, currency, period: spanOf(period), recordedAt };
}
