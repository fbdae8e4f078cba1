import type { CardOwner } from "../vault/vault.ts";

/** A card as its holder entered it: what the provider is told once, to be given a token for it. */
export interface CardEntry {
	readonly pan: string;
	readonly expMonth: number;
	readonly expYear: number;
	readonly name: string | null;
}

/** Why a bank said no. Soft: another day it may say yes. Hard: it will not, with this card. */
export type Decline =
	| { readonly kind: "soft"; readonly reason: "insufficient_funds" | "card_declined" }
	| { readonly kind: "hard"; readonly reason: "card_expired" | "card_declined" };

export interface Charge {
	/** Of the attempt: the idempotency key, and in the provider's metadata. */
	readonly attemptId: string;
	/** The provider's own, out of the vault. */
	readonly token: string;
	/** More than 0. */
	readonly amountMinor: number;
	/** ISO 4217. */
	readonly currency: string;
	readonly customerId: string;
	/** When the attempt began, milliseconds. */
	readonly startedAt: number;
}

export type ChargeOutcome =
	/** `ref`: the provider's name of the charge. What was taken is said by the provider, whatever was asked for. */
	| { readonly outcome: "approved"; readonly ref: string; readonly amountMinor: number; readonly currency: string }
	| { readonly outcome: "declined"; readonly decline: Decline }
	/** It makes no such charge, whatever the card, as of too little: nothing was charged. `reason`: its word for that, for the log. */
	| { readonly outcome: "refused"; readonly reason: string }
	/** The provider does not know yet. It is looked up later. */
	| { readonly outcome: "pending" };

export interface Refund {
	/** Of the refund: the idempotency key, and in the provider's metadata. */
	readonly refundId: string;
	/** Of the charge that it is given back from. */
	readonly chargeRef: string;
	readonly amountMinor: number;
	readonly currency: string;
	readonly startedAt: number;
}

export type RefundOutcome =
	| { readonly outcome: "refunded"; readonly ref: string }
	/** It can never be given back this way, as when the card is closed. */
	| { readonly outcome: "refused" }
	| { readonly outcome: "pending" };

/**
 * Who charges cards. Every call rejects when what became of it is not known: time ran out, the provider is busy (429), out of
 * order (5xx), or answers nonsense. Then it is looked up before it is asked again. The same id again within
 * `idempotentFor` is the same charge, and never a second one; no error says anything of a card.
 */
export interface PaymentProvider {
	/** Tells the provider of a card, once it is trusted, and is given a token that charges it. The same card id again gives one that does the same. */
	register(card: CardEntry, owner: CardOwner): Promise<{ readonly token: string } | { readonly declined: true }>;
	charge(charge: Charge): Promise<ChargeOutcome>;
	/** What has become of an attempt, whose `token` is empty when its card is gone; undefined when the provider has none of this id. */
	findCharge(charge: Charge): Promise<ChargeOutcome | undefined>;
	refund(refund: Refund): Promise<RefundOutcome>;
	findRefund(refund: Refund): Promise<RefundOutcome | undefined>;
}

/**
 * Milliseconds that a provider keeps an idempotency key at least: 24 hours (https://docs.stripe.com/api/idempotent_requests),
 * with an hour to spare.
 */
export const idempotentFor = 23 * 3_600_000;

export interface WithPayments {
	readonly payments: PaymentProvider;
}
