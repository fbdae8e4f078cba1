import type * as v from "valibot";
import type { ProblemCode } from "../../shared/http/problem.ts";
import type { IdPrefix } from "../../shared/ids.ts";

/** One operation of the customers' API: what its route takes and what it answers. */
export interface Operation {
	readonly id: string;
	readonly method: "get" | "post" | "put" | "delete";
	/** With `{name}` for each parameter. */
	readonly path: string;
	readonly summary: string;
	/** The kind of id that each parameter of the path is. */
	readonly ids?: Readonly<Record<string, IdPrefix>>;
	/** What each parameter of the path is that is no id but a token. */
	readonly tokens?: Readonly<Record<string, string>>;
	/** Anybody may ask, or only who has the cookie that renews a session; otherwise any token of a session will do. */
	readonly access?: "open" | "refresh";
	/** The schema that the route checks its query with. */
	readonly query?: v.StrictObjectSchema<v.ObjectEntries, undefined> | v.ObjectSchema<v.ObjectEntries, undefined>;
	/** Takes an Idempotency-Key. */
	readonly idempotent?: true;
	/** Takes If-None-Match. */
	readonly conditional?: true;
	/** The schema that the route checks its body with, and a body that it takes. */
	readonly body?: { readonly schema: v.GenericSchema; readonly example: unknown };
	/** By status; without a schema, an answer without a body. */
	readonly answers: Readonly<Record<number, Answer>>;
	/** Beside those that follow from what it takes. */
	readonly problems?: readonly ProblemCode[];
}

interface Answer {
	readonly description: string;
	readonly schema?: v.GenericSchema;
	/** Such an answer, wherever there is a schema. */
	readonly example?: unknown;
	/** Name → what it says. */
	readonly headers?: Readonly<Record<string, string>>;
}

/** Every problem that an operation can answer with. */
export function problemsOf({
	method,
	path,
	access,
	ids,
	tokens,
	query,
	idempotent,
	body,
	problems = [],
}: Operation): Set<ProblemCode> {
	const codes: ProblemCode[] = [...problems, "internal", "unavailable"];
	if (access !== "open") codes.push("unauthenticated", "session_expired", "session_revoked");
	if (method !== "get") codes.push("cross_site");
	if (method !== "get" || access !== "open" || path.startsWith("/api/auth/")) codes.push("rate_limited");
	if (ids || tokens) codes.push("not_found");
	if (query) codes.push("invalid_field");
	if (body) codes.push("malformed_json", "body_too_large", "unsupported_media_type", "invalid_field");
	if (idempotent) codes.push("malformed_idempotency_key", "idempotency_key_reused");
	return new Set(codes);
}
