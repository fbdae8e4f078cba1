import * as v from "valibot";
import { EmailAddress } from "../../../shared/identity.ts";

/** What binds a code to its browser: nobody else may be able to guess it. */
export const Browser = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{16,200}$/));

export const RequestCode = v.object({ email: EmailAddress, browser: Browser });
export type RequestCode = v.InferOutput<typeof RequestCode>;

/** What somebody has typed into the form under the code: whatever is wrong with it, the code is wrong. */
export const TypedCode = v.object({
	email: v.fallback(EmailAddress, ""),
	code: v.pipe(v.string(), v.maxLength(100)),
	browser: v.fallback(Browser, ""),
});
