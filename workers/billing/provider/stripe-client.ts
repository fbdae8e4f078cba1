import Stripe from "stripe";
import { seconds } from "../../../shared/time.ts";

/** How Stripe is reached: a secret key of the account, and by what; `fetch` unless told. */
export interface StripeAccess {
	readonly key: string;
	readonly httpClient?: Stripe.HttpClient;
}

/**
 * Of the package's types: https://docs.stripe.com/api/versioning. An account answers in this version whatever its own default
 * is; another release of the package with another version does not compile.
 */
const apiVersion = "2026-10-28.endive";

/**
 * A request that fails is not made again here: what has become of it is looked up. The package repeats by itself one whose
 * connection was closed, which every request here bears an idempotency key for.
 */
export function stripeClient({ key, httpClient = Stripe.createFetchHttpClient() }: StripeAccess): Stripe {
	return new Stripe(key, { apiVersion, httpClient, maxNetworkRetries: 0, timeout: 30 * seconds, telemetry: false });
}

/** Something in an answer, or in a token, is not as it has to be. Its message is ours. */
export class Unexpected extends Error {}

/** A request to Stripe came to nothing that is known. */
class StripeFailure extends Error {
	/** All that a log shows of an error beside its place: so it tells what Stripe said. */
	override readonly name: string;
	constructor(step: string, said: string) {
		super(said);
		this.name = `Stripe ${step}: ${said}`;
	}
}

/** One of Stripe's words, such as `lock_timeout`: nothing that somebody has typed can look like one with digits in it. */
const word = /^[a-z_]{1,60}$/;
const requestId = /^req_\w{1,40}$/;

/**
 * What is said of a request that failed: which one, Stripe's words for it, and its request id, by which Stripe's dashboard
 * shows the rest. Never the message, the body or the cause: they may hold what was sent, and that was a card.
 */
export function stripeFailure(step: string, error: unknown): Error {
	if (error instanceof Unexpected) return new StripeFailure(step, error.message);
	if (!(error instanceof Stripe.errors.StripeError)) return new StripeFailure(step, "an answer that is none");
	const words = [error.rawType, error.code].filter((one) => one !== undefined && word.test(one));
	const id = requestId.test(error.requestId ?? "") ? error.requestId : undefined;
	return new StripeFailure(step, [error.type, error.statusCode, ...words, id].filter(Boolean).join(" "));
}

/** A card was refused, and that is the answer (https://docs.stripe.com/api/errors). */
export function isCardError(error: unknown): error is InstanceType<typeof Stripe.errors.StripeCardError> {
	return error instanceof Stripe.errors.StripeCardError && error.rawType === "card_error";
}

/**
 * Stripe's word for what it does not do as it was asked, such as `amount_too_small` (https://docs.stripe.com/error-codes):
 * nothing has become of it. Every other error leaves that open; so does one by which Stripe does not know the card, since a
 * key of another account says so of every card.
 */
export function refusalOf(error: unknown): string | undefined {
	const isRefusal =
		error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 400 && error.code !== "resource_missing";
	if (!isRefusal) return undefined;
	return error.code !== undefined && word.test(error.code) ? error.code : "invalid_request";
}
