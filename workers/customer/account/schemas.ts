import * as v from "valibot";
import { line } from "../../../shared/http/texts.ts";
import { EmailAddress } from "../../../shared/identity.ts";
import { idPattern } from "../../../shared/ids.ts";
import { PasskeyResponse } from "../sign-in/schemas.ts";

const sessionId = v.pipe(v.string(), v.regex(idPattern("ses")));

/** The body of `POST revoke-session`. */
export const SessionToEnd = v.strictObject({ id: sessionId });

/** The body of `POST change-email`. */
export const NewEmail = v.strictObject({ email: EmailAddress });

/** The body of `POST passkey/verify-registration`. */
export const NewPasskey = v.strictObject({ name: v.optional(line(60), "Passkey"), response: PasskeyResponse });

/** The body of `POST passkey/delete-passkey`. Of ids, identity takes no longer ones. */
export const PasskeyToRemove = v.strictObject({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(100)) });

const instant = v.pipe(v.string(), v.isoTimestamp());

/** The customer's sessions; `next` is there as in every list. */
export const Sessions = v.object({
	items: v.array(
		v.object({
			id: sessionId,
			createdAt: instant,
			/** Coarse. */
			lastUsedAt: instant,
			userAgent: v.string(),
			/** The one that asks. */
			current: v.boolean(),
		}),
	),
	next: v.null(),
});

/** The sessions that were ended. */
export const EndedSessions = v.object({ ended: v.array(sessionId) });
