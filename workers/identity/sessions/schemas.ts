import * as v from "valibot";
import { idPattern } from "../../../shared/ids.ts";

/** As better-auth makes them. What cannot be one belongs to no session. */
export const Secret = v.fallback(v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{32}$/)), "");

export const WithSecret = v.object({ secret: Secret });
export type WithSecret = v.InferOutput<typeof WithSecret>;

export const EndSessions = v.object({
	secret: Secret,
	which: v.union([v.picklist(["this", "others"]), v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(100))]),
});
export type EndSessions = v.InferOutput<typeof EndSessions>;

/** A session by what its token says of it. */
export const KnownSession = v.object({
	customerId: v.pipe(v.string(), v.regex(idPattern("cus"))),
	sessionId: v.pipe(v.string(), v.regex(idPattern("ses"))),
});
export type KnownSession = v.InferOutput<typeof KnownSession>;
