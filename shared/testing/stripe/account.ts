import { type Answer, badRequest, cardError, failed, good, metadataOf } from "./answers.ts";

export interface Intent {
	readonly id: string;
	readonly object: "payment_intent";
	readonly customer: string;
	readonly amount: number;
	readonly currency: string;
	status: string;
	readonly metadata: Readonly<Record<string, string>>;
	readonly last_payment_error: object | null;
}

export interface Given {
	readonly id: string;
	readonly object: "refund";
	readonly payment_intent: string;
	readonly amount: number;
	status: string;
	readonly metadata: Readonly<Record<string, string>>;
}

/** How a card is answered. */
interface Bank {
	/** A status, or a decline code, `; ` and an advice code if there is one. */
	readonly charges?: string;
	/** When it is told of: a status of a SetupIntent, or `declined` before that. */
	readonly registration?: "declined" | "requires_action" | "processing";
	/** False: Stripe does not take this number from us, but a token. */
	readonly takesNumber?: boolean;
}

/** Numbers of Stripe's test mode, and the tokens of some (https://docs.stripe.com/testing). */
const tokens: Readonly<Record<string, string>> = {
	tok_visa: "4242424242424242",
	tok_chargeDeclined: "4000000000000002",
	tok_chargeCustomerFail: "4000000000000341",
};
/** Statuses of a payment that is not declined. */
const undeclined: readonly string[] = ["succeeded", "processing", "requires_action", "requires_confirmation"];

/** Of euros (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
const least = 50;

const sum = (all: readonly { readonly amount: number }[]) => all.reduce((total, { amount }) => total + amount, 0);

/** The objects of one account of the fake: its state in memory, and what becomes of a request. */
export class Account {
	/** By card number; every other bank says yes. */
	readonly banks = new Map<string, Bank>([
		["4000000000000002", { registration: "declined" }],
		["4000000000000341", { charges: "generic_decline" }],
	]);
	/** What becomes of refunds from now on: a status. */
	refundsAre = "succeeded";
	/** While false, what is made stays unknown to searches, as it does for a while. */
	indexing = true;
	/** The newest first. */
	readonly intents: Intent[] = [];
	readonly refunds: Given[] = [];
	readonly #unindexed = new Set<string>();
	readonly #methods = new Map<string, { readonly number: string; customer?: string }>();
	readonly #setups = new Set<string>();
	#count = 0;

	/** Money that was taken and not given back, in minor units. */
	taken(): number {
		const charged = this.intents.filter(({ status }) => status === "succeeded");
		return sum(charged) - sum(this.refunds.filter(({ status }) => status === "succeeded"));
	}

	/** Banks that had not decided yet decide: yes. */
	settle(): void {
		for (const one of this.intents) if (one.status === "processing") one.status = "succeeded";
		for (const one of this.refunds) if (one.status === "pending") one.status = "succeeded";
	}

	answer(method: string, path: string, params: URLSearchParams): Answer {
		switch (`${method} ${path}`) {
			case "POST /v1/payment_methods":
				return this.#makeMethod(params);
			case "POST /v1/customers":
				return this.#makeCustomer(params);
			case "POST /v1/setup_intents":
				return this.#setUp(params);
			case "POST /v1/payment_intents":
				return this.#charge(params);
			case "GET /v1/payment_intents":
				return page(
					this.intents.filter(({ customer }) => customer === params.get("customer")),
					params,
					path,
				);
			case "GET /v1/payment_intents/search":
				return this.#search(params);
			case "POST /v1/refunds":
				return this.#refund(params);
			case "GET /v1/refunds":
				return page(
					this.refunds.filter((one) => one.payment_intent === params.get("payment_intent")),
					params,
					path,
				);
			default: {
				const id = path.replace("/v1/setup_intents/", "");
				return this.#setups.has(id) ? good({ id, status: "succeeded" }) : badRequest("resource_missing", path, 404);
			}
		}
	}

	#id(prefix: string): string {
		this.#count += 1;
		return `${prefix}_fake${this.#count}`;
	}

	#makeMethod(params: URLSearchParams): Answer {
		const number = params.get("card[number]") ?? tokens[params.get("card[token]") ?? ""];
		if (!number) return badRequest("parameter_missing", "card");
		const isNotAllowed = params.has("card[number]") && this.banks.get(number)?.takesNumber === false;
		if (isNotAllowed) return failed(402, { type: "invalid_request_error", message: `sending ${number} is unsafe` });
		const id = this.#id("pm");
		this.#methods.set(id, { number });
		return good({ id, object: "payment_method" });
	}

	#makeCustomer(params: URLSearchParams): Answer {
		const method = this.#methods.get(params.get("payment_method") ?? "");
		if (!method || method.customer) return badRequest("resource_missing", "payment_method");
		if (this.banks.get(method.number)?.registration === "declined") return cardError("generic_decline", method.number);
		method.customer = this.#id("cus");
		return good({ id: method.customer, object: "customer" });
	}

	#setUp(params: URLSearchParams): Answer {
		const method = this.#methods.get(params.get("payment_method") ?? "");
		if (!method || method.customer !== params.get("customer")) return badRequest("resource_missing", "payment_method");
		const id = this.#id("seti");
		this.#setups.add(id);
		return good({ id, object: "setup_intent", status: this.banks.get(method.number)?.registration ?? "succeeded" });
	}

	#charge(params: URLSearchParams): Answer {
		const method = this.#methods.get(params.get("payment_method") ?? "");
		const customer = params.get("customer") ?? "";
		if (!method || method.customer !== customer) return badRequest("resource_missing", "payment_method", 404);
		if (Number(params.get("amount")) < least) return badRequest("amount_too_small", "amount");
		const said = this.banks.get(method.number)?.charges ?? "succeeded";
		const [decline_code, advice_code] = said.split("; ");
		const refusal = undeclined.includes(said)
			? null
			: {
					type: "card_error",
					code: "card_declined",
					decline_code,
					advice_code,
					message: `the card ${method.number} was refused`,
				};
		const intent: Intent = {
			id: this.#id("pi"),
			object: "payment_intent",
			customer,
			amount: Number(params.get("amount")),
			currency: params.get("currency") ?? "",
			status: refusal ? "requires_payment_method" : said,
			metadata: metadataOf(params),
			last_payment_error: refusal,
		};
		this.intents.unshift(intent);
		if (!this.indexing) this.#unindexed.add(intent.id);
		return refusal ? failed(402, { ...refusal, payment_intent: { ...intent } }) : good({ ...intent });
	}

	/** https://docs.stripe.com/search#search-query-language */
	#search(params: URLSearchParams): Answer {
		const [, name = "", value] = /^metadata\['(\w+)'\]:'([^']*)'$/.exec(params.get("query") ?? "") ?? [];
		if (value === undefined) return badRequest("parameter_invalid_string", "query");
		const data = this.intents.filter(({ id, metadata }) => !this.#unindexed.has(id) && metadata[name] === value);
		return good({ object: "search_result", url: "/v1/payment_intents/search", has_more: false, next_page: null, data });
	}

	#refund(params: URLSearchParams): Answer {
		const intent = this.intents.find(({ id, status }) => id === params.get("payment_intent") && status === "succeeded");
		if (!intent) return badRequest("resource_missing", "payment_intent", 404);
		const given = sum(this.refunds.filter((one) => one.payment_intent === intent.id && one.status !== "failed"));
		const amount = Number(params.get("amount"));
		if (given === intent.amount) return badRequest("charge_already_refunded", "charge");
		if (given + amount > intent.amount) return badRequest(undefined, "amount");
		const status = this.refundsAre;
		const made: Given = {
			id: this.#id("re"),
			object: "refund",
			payment_intent: intent.id,
			amount,
			status,
			metadata: metadataOf(params),
		};
		this.refunds.unshift(made);
		return good({ ...made });
	}
}

/** https://docs.stripe.com/api/pagination: the newest first, 10 unless told, at most 100. */
function page(all: readonly { readonly id: string }[], params: URLSearchParams, url: string): Answer {
	const limit = Math.min(Number(params.get("limit") ?? 10), 100);
	const after = params.get("starting_after");
	const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
	return good({ object: "list", url, has_more: all.length > from + limit, data: all.slice(from, from + limit) });
}
