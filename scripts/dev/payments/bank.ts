import * as v from "valibot";
import { type Behaviour, behaviourOf, readToken, tokenOf } from "./behaviours.ts";
import type { ChargeAnswer, ChargeEntry, ChargeResult, Entries, Ledger, RefundEntry, RefundResult } from "./ledger.ts";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
const amountMinor = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/));

export const CardBody = v.strictObject({
	pan: v.pipe(v.string(), v.regex(/^\d{12,19}$/)),
	expMonth: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(12)),
	expYear: v.pipe(v.number(), v.integer(), v.minValue(2000), v.maxValue(2099)),
	name: v.nullable(v.pipe(v.string(), v.maxLength(200))),
	customer: text,
});
export const ChargeBody = v.strictObject({ token: text, amountMinor, currency, customer: text });
export const RefundBody = v.strictObject({ chargeRef: text, amountMinor, currency });

/** What cannot be done, as it is answered. */
export class Impossible extends Error {
	readonly status: 409 | 422;
	readonly code: string;
	constructor(status: 409 | 422, code: string) {
		super(code);
		this.status = status;
		this.code = code;
	}
}

const isSame = <Kind extends keyof Entries>(
	before: Entries[Kind],
	entry: Entries[Kind],
	fields: readonly (keyof Entries[Kind])[],
) => {
	if (fields.some((field) => before[field] !== entry[field])) throw new Impossible(409, "idempotency_key_reused");
};

/** Takes a card once for each key; the number itself is never kept. */
export function takeCard(ledger: Ledger, id: string, at: string, body: v.InferOutput<typeof CardBody>) {
	const { pan, expMonth, expYear, customer } = body;
	const behaviour = behaviourOf(pan);
	const token = behaviour === "declined" ? null : tokenOf(behaviour, id);
	const entry = { id, at, customer, last4: pan.slice(-4), expMonth, expYear, token };
	const before = ledger.find("card", id);
	if (before) isSame<"card">(before, entry, ["customer", "last4", "expMonth", "expYear", "token"]);
	else ledger.put("card", entry);
	return token === null ? { declined: true } : { token };
}

/** Less than this is not charged, in whatever minor unit. Real providers have such a limit for each currency. */
const least = 30;

/** Charges once for each key, for ever; what is refused leaves nothing. */
export function charge(ledger: Ledger, id: string, at: string, body: v.InferOutput<typeof ChargeBody>): ChargeAnswer {
	const behaviour = readToken(body.token);
	if (!behaviour) throw new Impossible(422, "unknown_token");
	const before = ledger.find("charge", id);
	if (!before && body.amountMinor < least) return { outcome: "refused", reason: "amount_too_small" };
	const result = before?.result ?? chargeResult(behaviour, id, ledger.of("charge", body.token).length);
	const entry: ChargeEntry = { id, at, ...body, result };
	if (before) isSame<"charge">(before, entry, ["token", "amountMinor", "currency", "customer"]);
	else ledger.put("charge", entry);
	return answerOf(entry);
}

const answerOf = ({ result, amountMinor, currency }: ChargeEntry): ChargeAnswer =>
	result.outcome === "approved" ? { ...result, amountMinor, currency } : result;

const approved = (id: string) => ({ outcome: "approved", ref: `ch_${id}` }) as const;
const insufficientFunds = { outcome: "declined", decline: { kind: "soft", reason: "insufficient_funds" } } as const;

function chargeResult(behaviour: Behaviour, id: string, chargesBefore: number): ChargeResult {
	switch (behaviour) {
		case "insufficient_funds":
			return insufficientFunds;
		case "twice_insufficient_funds":
			return chargesBefore < 2 ? insufficientFunds : approved(id);
		case "card_expired":
		case "card_declined":
			return { outcome: "declined", decline: { kind: "hard", reason: behaviour } };
		case "pending":
			return { outcome: "pending" };
		case "good":
		case "refund_refused":
		case "refund_pending":
			return approved(id);
	}
}

/** Who looks finds what was pending done. */
export function findCharge(ledger: Ledger, id: string): ChargeAnswer | undefined {
	const entry = ledger.find("charge", id);
	if (entry?.result.outcome !== "pending") return entry && answerOf(entry);
	const decided = { ...entry, result: approved(id) };
	ledger.put("charge", decided);
	return answerOf(decided);
}

/** Gives back once for each key, and never more than was charged. */
export function refund(ledger: Ledger, id: string, at: string, body: v.InferOutput<typeof RefundBody>): RefundResult {
	const { chargeRef, amountMinor, currency } = body;
	const charged = ledger.find("charge", chargeRef.slice("ch_".length));
	if (charged?.result.outcome !== "approved" || charged.result.ref !== chargeRef) throw new Impossible(422, "unknown_charge");
	const before = ledger.find("refund", id);
	const result = before?.result ?? refundResult(ledger, id, charged, body);
	const entry: RefundEntry = { id, at, charge: charged.id, amountMinor, currency, result };
	if (before) isSame<"refund">(before, entry, ["charge", "amountMinor", "currency"]);
	else ledger.put("refund", entry);
	return result;
}

function refundResult(
	ledger: Ledger,
	id: string,
	charged: ChargeEntry,
	{ amountMinor, currency }: v.InferOutput<typeof RefundBody>,
): RefundResult {
	const behaviour = readToken(charged.token);
	const others = ledger.of("refund", charged.id).filter(({ result }) => result.outcome !== "refused");
	const left = others.reduce((sum, other) => sum - other.amountMinor, charged.amountMinor);
	if (behaviour === "refund_refused" || currency !== charged.currency || amountMinor > left) return { outcome: "refused" };
	return behaviour === "refund_pending" ? { outcome: "pending" } : { outcome: "refunded", ref: `re_${id}` };
}

/** As `findCharge`. */
export function findRefund(ledger: Ledger, id: string): RefundResult | undefined {
	const entry = ledger.find("refund", id);
	if (entry?.result.outcome !== "pending") return entry?.result;
	const result = { outcome: "refunded", ref: `re_${id}` } as const;
	ledger.put("refund", { ...entry, result });
	return result;
}
