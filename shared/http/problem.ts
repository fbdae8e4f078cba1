import type { Context, NotFoundHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type * as v from "valibot";
import type { Ctx } from "../context.ts";
import { describeError } from "../log.ts";

/** Every error that an API answers with: its word code, its HTTP status, and what it means for a person. */
export const problems = {
	malformed_json: [400, "The body is not well-formed JSON, or is nested too deeply."],
	malformed_idempotency_key: [400, "An Idempotency-Key is 1 to 255 visible ASCII characters."],
	unauthenticated: [401, "Sign in: the request carries no valid token."],
	session_expired: [401, "The token is too old. Get a new one and try again."],
	session_revoked: [401, "This session has been signed out. Sign in again."],
	not_staff: [403, "Your account has no role here."],
	not_permitted: [403, "Your role does not allow this, or not where it is somebody else's."],
	cross_site: [403, "This request comes from another site, so it was not carried out."],
	session_not_fresh: [403, "Sign in again first: this change needs a sign-in of the last 15 minutes."],
	not_found: [404, "There is nothing here."],
	no_active_plan: [409, "You have no active support plan, so no ticket can be submitted."],
	nothing_to_cancel: [409, "There is no active support plan that could be cancelled."],
	survey_answered: [409, "This survey was answered before. The first answers stand."],
	version_conflict: [409, "Somebody has changed this since you read it. Read it again and decide anew."],
	contract_withdrawn: [409, "This contract has been withdrawn, which is final."],
	version_taken: [409, "There is such a version already, with other terms. What was published stays as it is."],
	wrong_status: [409, "The ticket's status does not allow this, or no longer. Read it again and decide anew."],
	intent_closed: [409, "This intent is not open: its ten minutes are over, or it was used or removed. Ask for a new one."],
	too_many_cards: [409, "You have ten cards, or attempts at one, and no more are taken. Remove one first."],
	card_not_verified: [409, "Only a verified card can be replaced."],
	email_taken: [409, "Another expert has this e-mail address."],
	too_many_experts: [409, "There are 500 active experts, and no more are planned for."],
	not_resendable: [409, "This message was sent, or what it said is no longer kept."],
	not_refundable: [409, "Nothing was charged by this document that could be given back."],
	refund_too_large: [409, "That is more than is left of what was charged."],
	too_many_refunds: [409, "There have been 50 refunds of this invoice, and no more are taken."],
	not_failed: [409, "Only a refund that has failed can be tried again."],
	invoice_delivered: [409, "This invoice has arrived. There is nothing left to deliver."],
	period_not_parked: [409, "This period is not parked: it is due, paid, or nothing is owed for it."],
	change_held: [409, "After a recovery this cannot be changed yet. Your account says until when."],
	body_too_large: [413, "The body is larger than this operation takes."],
	unsupported_media_type: [415, "Send the body as application/json."],
	invalid_field: [422, "At least one field is missing, unknown or not as expected."],
	idempotency_key_reused: [422, "This Idempotency-Key was used for a different request. The first one stands."],
	profile_incomplete: [422, "Complete your profile first: without these fields no expert can come."],
	contract_not_offered: [
		422,
		"At least one of these contracts is not on offer, or not in this version. Look at the contracts again.",
	],
	card_number_in_clear: [422, "There is a card number outside the encrypted part. It was not stored. Never send one like that."],
	wrong_seal: [422, "The encrypted card is not made for this intent: it names another key, customer or card."],
	wrong_code: [422, "The code is wrong, used, too old, or was asked for in another browser. Ask for a new one."],
	wrong_passkey: [422, "This passkey was not accepted. Try again, or use a code by e-mail."],
	rate_limited: [429, "That was too often in too short a time. Wait a minute."],
	too_many_codes: [429, "Too many codes were asked for. Try again in an hour."],
	internal: [500, "Something went wrong on our side. Trying again is safe with an Idempotency-Key."],
	unavailable: [503, "This is not available right now. Try again in a moment."],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type ProblemCode = keyof typeof problems;

/** Seconds after which it makes sense to try again (RFC 9110, section 10.2.3). */
const retryAfter: Partial<Record<ProblemCode, number>> = { rate_limited: 60, too_many_codes: 3600 };

/** What a client can act on, beside the code. Never what the request said. */
export interface ProblemDetails {
	/** Fields that are wrong: where, which rule, and what would be right. */
	readonly errors?: readonly FieldError[];
	/** Fields of the profile that are missing. */
	readonly missing?: readonly string[];
}

export interface FieldError {
	/** A path such as `device`; empty for the body itself. */
	readonly field: string;
	readonly rule: string;
	readonly expected: string;
}

export class Problem extends Error {
	override readonly name = "Problem";
	readonly code: ProblemCode;
	readonly details: ProblemDetails;
	constructor(code: ProblemCode, details: ProblemDetails = {}) {
		super(code);
		this.code = code;
		this.details = details;
	}
}

/** Field errors out of a schema's issues. Only the schema's own words: an unknown field is not named, a value not shown. */
export function fieldErrors(issues: readonly v.BaseIssue<unknown>[]): FieldError[] {
	return issues.map((issue) => {
		const unknown = issue.type === "strict_object" && issue.expected === "never";
		const path = (issue.path ?? []).slice(0, unknown ? -1 : undefined).map(({ key }) => String(key));
		return {
			field: path.join("."),
			rule: unknown ? "unknown_field" : issue.type,
			expected: unknown ? "no other fields" : (issue.expected ?? "as described"),
		};
	});
}

/** RFC 9457. */
export function problemBody(code: ProblemCode, details: ProblemDetails = {}) {
	const [status, title] = problems[code];
	return { type: `urn:sysops-squad:problem:${code}`, title, status, code, ...details };
}

function problemResponse(c: Context, code: ProblemCode, details: ProblemDetails = {}): Response {
	const [status] = problems[code];
	const challenge = status === 401 ? { "www-authenticate": "Bearer" } : {}; // RFC 9110, section 15.5.2
	const seconds = retryAfter[code];
	const again = seconds === undefined ? {} : { "retry-after": String(seconds) };
	return c.json(problemBody(code, details), status, { "content-type": "application/problem+json", ...challenge, ...again });
}

interface WithCtx {
	Variables: { ctx: Ctx };
}

/** The one place where an error becomes a status. What nobody expected is logged by class, never by message. */
export function onError<App extends WithCtx>(error: Error, c: Context<App>): Response {
	if (error instanceof Problem) return problemResponse(c, error.code, error.details);
	c.get("ctx").log.alarm("request_failed", { method: c.req.method, route: c.req.routePath, error: describeError(error) });
	return problemResponse(c, "internal");
}

export const notFound: NotFoundHandler = (c) => problemResponse(c, "not_found");
