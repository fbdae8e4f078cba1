import type { Decline } from "./provider.ts";

/** What Stripe says of a decline, in an error and in `last_payment_error` alike. */
export interface Refusal {
	readonly code?: string | null | undefined;
	readonly decline_code?: string | null | undefined;
	readonly advice_code?: string | null | undefined;
}

/** The balance or a limit does not suffice, today. */
const lacksFunds: ReadonlySet<string> = new Set([
	"insufficient_funds",
	"card_velocity_exceeded",
	"withdrawal_count_limit_exceeded",
]);

/**
 * With this card it will not be another day. First those that Stripe itself does not retry
 * (https://docs.stripe.com/billing/revenue-recovery/smart-retries#non-retryable-decline-codes), then those of which
 * https://docs.stripe.com/declines/codes says that the customer needs another card, or the card's holder another contract.
 */
const final: ReadonlySet<string> = new Set([
	"incorrect_number",
	"lost_card",
	"pickup_card",
	"stolen_card",
	"revocation_of_authorization",
	"revocation_of_all_authorizations",
	"authentication_required", // nobody is there who could be asked
	"highest_risk_level",
	"transaction_not_allowed",
	"card_not_supported",
	"currency_not_supported",
	"do_not_try_again",
	"fraudulent",
	"invalid_account",
	"invalid_expiry_month",
	"invalid_expiry_year",
	"invalid_number",
	"merchant_blacklist",
	"new_account_information_available",
	"restricted_card",
	"security_violation",
	"stop_payment_order",
	"testmode_decline",
]);

/** What the bank advises (https://docs.stripe.com/declines/card#retrying-issuer-declines): the same again will not do. */
const advisedAgainst: ReadonlySet<string> = new Set(["do_not_try_again", "confirm_card_data"]);

/**
 * What is not known to be final is soft, such as `do_not_honor` and `generic_decline`, by which most banks say that they do not
 * tell: it is tried three times more within a week, where the card networks suffer 15 in a month.
 */
export function declineOf({ code, decline_code, advice_code }: Refusal): Decline {
	const reason = decline_code ?? code ?? "";
	if (reason === "expired_card") return { kind: "hard", reason: "card_expired" };
	if (final.has(reason) || advisedAgainst.has(advice_code ?? "")) return { kind: "hard", reason: "card_declined" };
	return { kind: "soft", reason: lacksFunds.has(reason) ? "insufficient_funds" : "card_declined" };
}
