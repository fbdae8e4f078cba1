import * as v from "valibot";
import { emailLimit } from "./events/customer.ts";
import { idPattern } from "./ids.ts";

/**
 * What the identity Worker does for the customer Worker, over its service binding (RPC). `secret` is the session's own
 * secret out of the `__Host-refresh` cookie; `browser` is what binds a code to the browser that asked, out of
 * `__Host-browser`. Both are never logged. Answers come from another deployment: parse them with the schema named.
 */
export interface Identity {
	/** Mails a code, to whatever address, known or not. `Done` or `too_many_codes`: the answer does not tell who has an account. */
	requestCode(input: { email: string; browser: string }): Promise<unknown>;
	/** Signs in, or up. `SignedIn`, or `wrong_code` for whatever is wrong. */
	signInWithCode(input: { email: string; code: string; browser: string; userAgent: string }): Promise<unknown>;
	/** A fresh session token. `Refreshed` or `signed_out`. */
	refresh(input: { secret: string }): Promise<unknown>;
	/** Ends sessions of the customer: this one, all others, or those named; unknown ids are left out. `Ended` or `signed_out`. */
	endSessions(input: { secret: string; which: "this" | "others" | readonly string[] }): Promise<unknown>;
	/**
	 * May this session change how somebody pays? It was signed in less than 15 minutes ago, and no recovery holds it. Asked by
	 * session, so that a client with a token alone can. `Done`, `signed_out`, `not_fresh` or `held`.
	 */
	checkTrust(input: { customerId: string; sessionId: string }): Promise<unknown>;
	/** All that the account page shows. `Account` or `signed_out`. */
	account(input: { secret: string }): Promise<unknown>;

	/** Mails a code to the new address. Needs a fresh session. `Done`, `signed_out`, `not_fresh`, `held` or `too_many_codes`. */
	requestEmailChange(input: { secret: string; email: string; browser: string }): Promise<unknown>;
	/** Begins the hold of 24 hours and tells the old address. `Done`, `signed_out`, `not_fresh`, `held` or `wrong_code`. */
	confirmEmailChange(input: { secret: string; email: string; code: string; browser: string }): Promise<unknown>;
	/** Calls off a change that is held. Also when there is none. `Done` or `signed_out`. */
	cancelEmailChange(input: { secret: string }): Promise<unknown>;

	/** WebAuthn options for `navigator.credentials`, and the challenge that goes into a cookie. `Challenge`, `signed_out`, `not_fresh` or `held`. */
	passkeyRegistrationOptions(input: { secret: string }): Promise<unknown>;
	/** `response` is what the browser made of the options. `Done`, `signed_out`, `held` or `wrong_passkey`. */
	registerPasskey(input: { secret: string; challenge: string; response: unknown; name: string }): Promise<unknown>;
	/** `Challenge`. */
	passkeySignInOptions(): Promise<unknown>;
	/** `SignedIn` or `wrong_passkey`. */
	signInWithPasskey(input: { challenge: string; response: unknown; userAgent: string }): Promise<unknown>;
	/** `Done`, also when it is gone already, `signed_out` or `not_fresh`. */
	removePasskey(input: { secret: string; passkeyId: string }): Promise<unknown>;
}

/** What the customer Worker does for identity (RPC): identity repeats it until it has been answered. */
export interface Customers {
	/** Writes the address into the profile and tells billing. Safe to repeat; an older change never undoes a newer one. */
	changeEmail(input: { customerId: string; email: string; changedAt: number }): Promise<void>;
}

const customerId = v.pipe(v.string(), v.regex(idPattern("cus")));
const sessionId = v.pipe(v.string(), v.regex(idPattern("ses")));
/** Milliseconds since 1970, UTC. */
const instant = v.number();

/**
 * An e-mail address in the one form in which it is stored and compared: NFC, trimmed, lower case,
 * at most 64 characters before the @ and 320 bytes in all. No control characters, no invisible ones, nothing quoted: nothing that could become a header.
 */
export const EmailAddress = v.pipe(
	v.string(),
	v.maxLength(2 * emailLimit),
	v.trim(),
	v.transform((address) => address.normalize("NFC").toLowerCase().normalize("NFC")),
	v.regex(/^[^\p{C}\p{Z}@<>()[\]\\,;:"]{1,64}@(?:[\p{L}\p{M}\p{N}-]{1,63}\.)+[\p{L}\p{M}\p{N}-]{2,63}$/u),
	v.maxBytes(emailLimit),
);

/** Why identity did not do it. */
const refusals = ["wrong_code", "wrong_passkey", "signed_out", "not_fresh", "held", "too_many_codes"] as const;
export const Refused = v.object({ refused: v.picklist(refusals) });
export type Refused = v.InferOutput<typeof Refused>;

export const Done = v.object({ done: v.literal(true) });
export type Done = v.InferOutput<typeof Done>;

export const SignedIn = v.object({
	customerId,
	sessionId,
	/** Of this session, 7 days: for the `__Host-refresh` cookie and nothing else. */
	secret: v.string(),
	/** The session token, 5 minutes. */
	token: v.string(),
	email: v.string(),
	/** Sessions that this sign-in has ended, such as the others on a recovery. */
	ended: v.array(sessionId),
});
export type SignedIn = v.InferOutput<typeof SignedIn>;

export const Refreshed = v.object({ token: v.string(), customerId, sessionId });
export type Refreshed = v.InferOutput<typeof Refreshed>;

export const Ended = v.object({ customerId, ended: v.array(sessionId) });
export type Ended = v.InferOutput<typeof Ended>;

export const Challenge = v.object({ options: v.record(v.string(), v.unknown()), challenge: v.string() });
export type Challenge = v.InferOutput<typeof Challenge>;

export const Account = v.object({
	customerId,
	email: v.string(),
	/** Signed in less than 15 minutes ago: what a change of e-mail address, a card or a passkey needs. */
	fresh: v.boolean(),
	/** Until when cards and e-mail address cannot be changed, after a recovery; null when they can. */
	heldUntil: v.nullable(instant),
	emailChange: v.nullable(v.object({ email: v.string(), takesEffectAt: instant })),
	passkeys: v.array(v.object({ id: v.string(), name: v.string(), createdAt: instant })),
	sessions: v.array(
		v.object({ id: sessionId, createdAt: instant, lastUsedAt: instant, userAgent: v.string(), current: v.boolean() }),
	),
});
export type Account = v.InferOutput<typeof Account>;
