/** What the fake answers: the status and, as JSON, the body. */
export interface Answer {
	readonly status: number;
	readonly body: object;
}

export const good = (body: object): Answer => ({ status: 200, body });

/** https://docs.stripe.com/api/errors */
export const failed = (status: number, error: object): Answer => ({ status, body: { error } });

export const badRequest = (code: string | undefined, param: string, status = 400): Answer =>
	failed(status, { type: "invalid_request_error", ...(code && { code }), param, message: `wrong: ${param}` });

/** Of what is refused at once. The message says more than Stripe's would, for whoever lets it through to be seen. */
export const cardError = (code: string, number: string): Answer =>
	failed(402, { type: "card_error", code: "card_declined", decline_code: code, message: `the card ${number} was refused` });

/** What each operation takes: Stripe refuses parameters that it does not know. */
const known: Readonly<Record<string, readonly string[]>> = {
	"POST /v1/payment_methods": [
		"type",
		"card[number]",
		"card[exp_month]",
		"card[exp_year]",
		"card[token]",
		"billing_details[name]",
	],
	"POST /v1/customers": ["payment_method", "metadata[cardId]", "metadata[customerId]"],
	"POST /v1/setup_intents": [
		"customer",
		"payment_method",
		"allowed_payment_method_types[0]",
		"usage",
		"confirm",
		"metadata[cardId]",
		"metadata[customerId]",
	],
	"POST /v1/payment_intents": [
		"amount",
		"currency",
		"customer",
		"payment_method",
		"allowed_payment_method_types[0]",
		"off_session",
		"confirm",
		"metadata[attemptId]",
		"metadata[customerId]",
	],
	"GET /v1/payment_intents": ["customer", "limit", "starting_after"],
	"GET /v1/payment_intents/search": ["query", "limit", "page"],
	"POST /v1/refunds": ["payment_intent", "amount", "metadata[refundId]"],
	"GET /v1/refunds": ["payment_intent", "limit", "starting_after"],
};

/** What is wrong with a request before it is looked at: such an answer is not kept for its key. */
export function refusalOf({ method, headers }: Request, path: string, params: URLSearchParams): Answer | undefined {
	if (!/^Bearer sk_test_\w+$/.test(headers.get("authorization") ?? ""))
		return failed(401, { type: "invalid_request_error", message: "Invalid API Key provided" });
	if (headers.get("stripe-version") !== "2026-10-28.endive") return badRequest(undefined, "Stripe-Version");
	const names = known[`${method} ${path}`] ?? (method === "GET" ? [] : undefined);
	if (!names) return badRequest("resource_missing", path, 404);
	for (const name of params.keys()) if (!names.includes(name)) return badRequest("parameter_unknown", name);
	if (method === "POST" && path === "/v1/payment_intents" && !/^[1-9]\d*$/.test(params.get("amount") ?? ""))
		return badRequest("parameter_invalid_integer", "amount");
	if (params.has("currency") && !/^[a-z]{3}$/.test(params.get("currency") ?? "")) return badRequest(undefined, "currency");
	return undefined;
}

export function metadataOf(params: URLSearchParams): Readonly<Record<string, string>> {
	const entries = [...params].map(([name, value]) => [/^metadata\[(\w+)\]$/.exec(name)?.[1], value] as const);
	return Object.fromEntries(entries.filter(([name]) => name !== undefined));
}
