import { expect, it } from "vitest";
import { declineOf } from "./stripe-declines.ts";

it.each([
	[{ decline_code: "insufficient_funds" }, "soft", "insufficient_funds"],
	[{ decline_code: "card_velocity_exceeded" }, "soft", "insufficient_funds"],
	[{ decline_code: "withdrawal_count_limit_exceeded" }, "soft", "insufficient_funds"],
	[{ decline_code: "generic_decline" }, "soft", "card_declined"],
	[{ decline_code: "do_not_honor" }, "soft", "card_declined"],
	[{ decline_code: "try_again_later" }, "soft", "card_declined"],
	[{ code: "processing_error" }, "soft", "card_declined"],
	[{ code: "expired_card", decline_code: null }, "hard", "card_expired"],
	[{ code: "card_declined", decline_code: "expired_card" }, "hard", "card_expired"],
	[{ decline_code: "lost_card" }, "hard", "card_declined"],
	[{ decline_code: "pickup_card" }, "hard", "card_declined"],
	[{ decline_code: "revocation_of_authorization" }, "hard", "card_declined"],
	[{ code: "authentication_required" }, "hard", "card_declined"],
	[{ decline_code: "generic_decline", advice_code: "do_not_try_again" }, "hard", "card_declined"],
	[{ decline_code: "generic_decline", advice_code: "confirm_card_data" }, "hard", "card_declined"],
	[{ decline_code: "generic_decline", advice_code: "try_again_later" }, "soft", "card_declined"],
	[{ decline_code: "stolen_card", advice_code: "try_again_later" }, "hard", "card_declined"],
	[{ decline_code: "a_code_of_tomorrow" }, "soft", "card_declined"],
	[{}, "soft", "card_declined"],
] as const)("%j is %s, %s", (refusal, kind, reason) => {
	expect(declineOf(refusal)).toEqual({ kind, reason });
});
