import * as v from "valibot";
import { Problem } from "./problem.ts";

/** RFC draft-ietf-httpapi-idempotency-key-header: chosen by the client, one for each thing that is to happen once. */
export const IdempotencyKey = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,255}$/));

/** The request's Idempotency-Key, if it has one. Throws `malformed_idempotency_key`. */
export function idempotencyKeyOf(request: Request): string | undefined {
	const key = request.headers.get("idempotency-key");
	if (key === null) return undefined;
	if (!v.is(IdempotencyKey, key)) throw new Problem("malformed_idempotency_key");
	return key;
}
