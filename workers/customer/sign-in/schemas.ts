import * as v from "valibot";
import { EmailAddress } from "../../../shared/identity.ts";
import { idPattern } from "../../../shared/ids.ts";

/** As the customer types it: identity knows how codes may be written. */
const Code = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40));

/** What the browser made of WebAuthn's options, in its own JSON form: identity reads it. */
export const PasskeyResponse = v.record(v.string(), v.unknown());

/** The body of `POST send-verification-otp`. */
export const CodeRequest = v.strictObject({ email: EmailAddress });

/** The body of `POST sign-in/email-otp` and of `POST change-email/confirm`. */
export const CodeAnswer = v.strictObject({ email: EmailAddress, otp: Code });

/** The body of `POST passkey/verify-authentication`. */
export const PasskeyAnswer = v.strictObject({ response: PasskeyResponse });

/** The body of what needs to be told nothing. */
export const Nothing = v.strictObject({});

/** A token of the session, for clients that send it themselves as `Authorization: Bearer`. */
export const NewToken = v.object({
	token: v.string(),
	/** Seconds. */
	expiresIn: v.pipe(v.number(), v.integer()),
});

/** Who has signed in. */
export const NewSession = v.object({ customerId: v.pipe(v.string(), v.regex(idPattern("cus"))), ...NewToken.entries });

/** WebAuthn's options in their JSON form, for `PublicKeyCredential.parseCreationOptionsFromJSON` and its sibling. */
export const PasskeyOptions = v.record(v.string(), v.unknown());
