import * as v from "valibot";
import { CardBody, ChargeBody, charge, findCharge, findRefund, Impossible, RefundBody, refund, takeCard } from "./bank.ts";
import { answer, Faults, under } from "./faults.ts";
import type { Ledger } from "./ledger.ts";

/**
 * A fake: it stands in for a payment provider in the local stack and in tests, and no money moves. JSON over HTTP, with
 * `Authorization: Bearer <PAYMENT_KEY>`; an error is `{ "error": "<word>" }` and repeats nothing of what was sent.
 *
 *     POST /v1/cards      Idempotency-Key: card     { pan, expMonth, expYear, name, customer } → { token } | { declined: true }
 *     POST /v1/charges    Idempotency-Key: attempt  { token, amountMinor, currency, customer }
 *                                                   → { outcome: "approved", ref, amountMinor, currency }
 *                                                   | { outcome: "declined", decline: { kind, reason } }
 *                                                   | { outcome: "pending" }
 *     GET  /v1/charges?attempt=                     → { charge: as above, or null }
 *     POST /v1/refunds    Idempotency-Key: refund   { chargeRef, amountMinor, currency }
 *                                                   → { outcome: "refunded", ref } | { outcome: "refused" } | { outcome: "pending" }
 *     GET  /v1/refunds?refund=                      → { refund: as above, or null }
 *     GET  /v1/ledger                               → { cards, charges, refunds }, the newest first
 *     POST /__sandbox/faults                        { next: [{ kind, ms? }, …] }: what goes wrong with the next calls
 *     GET  /__sandbox/faults                        → what is left of them
 *
 * A key is good for ever: the same again gives what came of it, and with other content 409. No card number is kept.
 */
export interface Sandbox {
	/** `PAYMENT_KEY`; without one nobody is let in. */
	readonly key: string;
	readonly ledger: Ledger;
	readonly now: () => number;
}

/** So many of each kind are in the answer of `/v1/ledger`. */
const shown = 1000;
/** Characters of a body. */
const longest = 4096;

interface Call {
	readonly ledger: Ledger;
	readonly request: Request;
	readonly url: URL;
	/** Of now: an ISO 8601 instant. */
	readonly at: string;
}

/** `METHOD /path` → what is done. What each does after it has read the body it does in one go. */
const operations: Readonly<Record<string, (call: Call) => Promise<object>>> = {
	"POST /v1/cards": async (call) => {
		const body = await bodyOf(call, CardBody);
		return takeCard(call.ledger, keyOf(call), call.at, body);
	},
	"POST /v1/charges": async (call) => {
		const body = await bodyOf(call, ChargeBody);
		return charge(call.ledger, keyOf(call), call.at, body);
	},
	"GET /v1/charges": async ({ ledger, url }) => ({ charge: findCharge(ledger, idOf(url.searchParams.get("attempt"))) ?? null }),
	"POST /v1/refunds": async (call) => {
		const body = await bodyOf(call, RefundBody);
		return refund(call.ledger, keyOf(call), call.at, body);
	},
	"GET /v1/refunds": async ({ ledger, url }) => ({ refund: findRefund(ledger, idOf(url.searchParams.get("refund"))) ?? null }),
};

/** The whole provider, wherever it runs. */
export function createSandbox({ key, ledger, now }: Sandbox): (request: Request) => Promise<Response> {
	let faults: v.InferOutput<typeof Faults> = { next: [] };

	/** What people and tests ask it. No fault comes near it. */
	const about: typeof operations = {
		"GET /v1/ledger": async () => ({
			cards: ledger.newest("card", shown),
			charges: ledger.newest("charge", shown),
			refunds: ledger.newest("refund", shown),
		}),
		"GET /__sandbox/faults": async () => faults,
		"POST /__sandbox/faults": async (call) => {
			faults = await bodyOf(call, Faults);
			return faults;
		},
	};

	return async (request) => {
		if (key === "" || request.headers.get("authorization") !== `Bearer ${key}`) return answer(401, "unauthorized");
		const url = new URL(request.url);
		const call: Call = { ledger, request, url, at: new Date(now()).toISOString() };
		const name = `${request.method} ${url.pathname}`;
		const aside = about[name];
		if (aside) return answered(aside, call);
		const operation = operations[name];
		if (!operation) return unknown(url.pathname, { ...operations, ...about });
		const [fault, ...next] = faults.next;
		faults = { next };
		return under(fault, request.signal, () => answered(operation, call));
	};
}

async function answered(operation: (call: Call) => Promise<object>, call: Call): Promise<Response> {
	try {
		return Response.json(await operation(call));
	} catch (error) {
		if (error instanceof Impossible || error instanceof Malformed) return answer(error.status, error.code);
		throw error;
	}
}

function unknown(path: string, known: typeof operations): Response {
	const methods = Object.keys(known).flatMap((name) => (name.endsWith(` ${path}`) ? [name.split(" ")[0] ?? ""] : []));
	return methods.length === 0 ? answer(404, "not_found") : answer(405, "method_not_allowed", { allow: methods.join(", ") });
}

class Malformed extends Error {
	readonly status: 400 | 413 | 422;
	readonly code: string;
	constructor(status: 400 | 413 | 422, code: string) {
		super(code);
		this.status = status;
		this.code = code;
	}
}

const Id = v.pipe(v.string(), v.regex(/^[\w-]{1,200}$/));

function idOf(text: string | null): string {
	const { success, output } = v.safeParse(Id, text);
	if (!success) throw new Malformed(400, "id_missing");
	return output;
}

function keyOf({ request }: Call): string {
	const { success, output } = v.safeParse(Id, request.headers.get("idempotency-key"));
	if (!success) throw new Malformed(400, "idempotency_key_missing");
	return output;
}

async function bodyOf<const Schema extends v.GenericSchema>({ request }: Call, schema: Schema): Promise<v.InferOutput<Schema>> {
	const text = await request.text();
	if (text.length > longest) throw new Malformed(413, "too_large");
	const { success, output } = v.safeParse(schema, parsed(text));
	if (!success) throw new Malformed(422, "invalid_body");
	return output;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new Malformed(400, "malformed_json");
	}
}
