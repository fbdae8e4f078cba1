import * as v from "valibot";
import { CardDisplay, CardReason } from "../cards.ts";
import { emailLimit, Language, snapshotLimits } from "./customer.ts";
import { id, instant, text, upTo } from "./fields.ts";

/**
 * A card is what it was said to be, and stands sealed in the vault. `replaces` are cards of the same customer that are not
 * charged any more because of this one: the one that the customer replaced, and earlier entries of the same card. May be
 * said again, with another one in `replaces`.
 */
export const CardVerified = v.object({
	cardId: id("crd"),
	...CardDisplay.entries,
	verifiedAt: instant,
	replaces: v.pipe(v.array(id("crd")), v.maxLength(100)),
});
export type CardVerified = v.InferOutput<typeof CardVerified>;

/** A card cannot be charged. Nothing of it is kept but this. */
export const CardRejected = v.object({ cardId: id("crd"), reason: CardReason, rejectedAt: instant });
export type CardRejected = v.InferOutput<typeof CardRejected>;

/** A period of a plan: half-open. With its customer, `from` names it. */
const period = v.object({ from: instant, to: instant });

/** Why a period is not paid. The provider's own words stay with billing. */
export const PaymentReason = v.picklist(["no_card", "insufficient_funds", "card_expired", "card_declined"]);
export type PaymentReason = v.InferOutput<typeof PaymentReason>;

const currency = v.pipe(v.string(), v.regex(/^[A-Z]{3}$/));
const minor = v.pipe(v.number(), v.safeInteger());
const amount = v.pipe(minor, v.minValue(0));

/**
 * A period could not be charged. Versioned, together with `PaymentRecovered`: what is known of one period. Without
 * `nextAttemptAt` nothing is tried any more by itself: a card is missing, or the staff look at it.
 */
export const PaymentFailed = v.object({
	period,
	amountMinor: amount,
	currency,
	reason: PaymentReason,
	nextAttemptAt: v.nullable(instant),
	failedAt: instant,
});
export type PaymentFailed = v.InferOutput<typeof PaymentFailed>;

/** A period of which `PaymentFailed` was said, or may have been before a database was put back, is settled. Versioned with it. */
export const PaymentRecovered = v.object({ period, amountMinor: amount, currency, recoveredAt: instant });
export type PaymentRecovered = v.InferOutput<typeof PaymentRecovered>;

/** The attempt or the refund that it is about, and how it ended. No personal data. */
export const PaymentRecorded = v.object({
	paymentId: v.pipe(v.string(), v.regex(/^(?:att|rfd)_[0-9a-f]{2}[0-7][0-9a-hjkmnp-tv-z]{25}$/)),
	outcome: v.picklist(["approved", "declined_soft", "declined_hard", "refunded"]),
	amountMinor: amount,
	currency,
	period,
	recordedAt: instant,
});
export type PaymentRecorded = v.InferOutput<typeof PaymentRecorded>;

/** Bytes of UTF-8: as long as what the profile and the catalogue may hold. */
const party = {
	name: upTo(snapshotLimits.name),
	street: upTo(snapshotLimits.street),
	postalCode: upTo(snapshotLimits.postalCode),
	city: upTo(snapshotLimits.city),
	/** ISO 3166-1 alpha-2. */
	country: upTo(snapshotLimits.country),
};

/** Who sells: configuration of billing. */
export const Seller = v.object({ ...party, /** As the law wants it on an invoice. */ taxId: upTo(80), email: upTo(emailLimit) });
export type Seller = v.InferOutput<typeof Seller>;

/** To whom it is written, as the customer stood when it was issued; null is what billing did not know. */
const Buyer = v.object({
	name: v.nullable(party.name),
	street: v.nullable(party.street),
	postalCode: v.nullable(party.postalCode),
	city: v.nullable(party.city),
	country: v.nullable(party.country),
	email: upTo(emailLimit),
});
export type Buyer = v.InferOutput<typeof Buyer>;

/** `adjustment`: a period that has cost something else than it should have, since a change came late. */
const InvoiceLine = v.object({
	kind: v.picklist(["contract", "adjustment", "refund"]),
	/** The contract's name; of an adjustment or a refund what the customer is told of it. */
	text: upTo(600),
	/** What it is for. */
	period,
	/** Before tax; below 0 for what is given back on an invoice. */
	amountMinor: minor,
});
export type InvoiceLine = v.InferOutput<typeof InvoiceLine>;

/** What an invoice has at most. */
export const mostLines = 60;

/**
 * What `InvoiceIssued` carries: an invoice or a credit note, whole and for ever: lines sum to `netMinor`, and that with the tax to `totalMinor`. A credit
 * note has positive amounts too: they are what is given back.
 */
export const Invoice = v.object({
	invoiceId: id("inv"),
	kind: v.picklist(["invoice", "credit_note"]),
	/** `INV-<shard>-000123`, `CRN-<shard>-000123`: without a gap in each series. */
	number: v.pipe(v.string(), v.regex(/^(?:INV|CRN)-[0-9a-f]{2}-\d{6,12}$/)),
	issuedAt: instant,
	seller: Seller,
	buyer: Buyer,
	/** Of an invoice: what it is for. Of a credit note: what its invoice was for. */
	period,
	lines: v.pipe(v.array(InvoiceLine), v.minLength(1), v.maxLength(mostLines)),
	currency,
	netMinor: amount,
	tax: v.object({
		region: v.nullable(text(160)),
		basisPoints: v.pipe(v.number(), v.integer(), v.minValue(0)),
		amountMinor: amount,
	}),
	totalMinor: amount,
	/** The card that it was paid with, or given back to; null when there was nothing to pay. */
	card: v.nullable(v.pick(CardDisplay, ["brand", "last4"])),
	/** Of a credit note: the invoice that it corrects. */
	corrects: v.nullable(v.object({ invoiceId: id("inv"), number: text(24) })),
	/** In which it is written to the customer. */
	language: Language,
});
export type Invoice = v.InferOutput<typeof Invoice>;
