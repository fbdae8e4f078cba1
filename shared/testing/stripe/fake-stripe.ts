import { Account } from "./account.ts";
import { type Answer, failed, refusalOf } from "./answers.ts";

/**
 * What becomes of a request: `lost`, or its answer is; `malformed`: answered with what nobody asked for; a status: answered
 * with that and not done; `500 for ever`: failed in the middle, which Stripe answers again under the same key.
 */
export type Fault = "lost" | "answer lost" | "malformed" | "no JSON" | "500 for ever" | 409 | 429 | 500 | 503;

/**
 * A FAKE of Stripe's HTTP API, written by hand from its published reference (https://docs.stripe.com/api, version
 * 2026-10-28.endive) as far as the adapter asks for it, and never compared with the real one: `npm run stripe:smoke` does that
 * for whoever has a key of Stripe's test mode. What it does not know it refuses, as Stripe does.
 */
export class FakeStripe {
	readonly account = new Account();
	/** What becomes of the next requests, one after the other; null: nothing. */
	readonly faults: (Fault | null)[] = [];
	readonly requests: { readonly method: string; readonly path: string; readonly body: string; readonly key: string | null }[] =
		[];
	readonly #kept = new Map<string, { readonly asked: string; readonly answer: Answer }>();

	/** For `Stripe.createFetchHttpClient`, or in the place of the global one. */
	readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
		const request = new Request(input, init);
		const { pathname: path, searchParams } = new URL(request.url);
		const body = new TextDecoder().decode(await request.arrayBuffer());
		this.requests.push({ method: request.method, path, body, key: request.headers.get("idempotency-key") });
		const fault = this.faults.shift() ?? null;
		if (fault === "lost") throw new TypeError(`lost: ${body}`);
		if (fault === "malformed") return respond({ status: 200, body: { object: "nothing", asked: body } });
		if (fault === "no JSON") return new Response(`<html>${body}`, { status: 502, headers: { "request-id": "req_fake" } });
		if (typeof fault === "number") return respond(failed(fault, { type: "api_error", message: `busy with ${body}` }));
		const params = request.method === "GET" ? searchParams : new URLSearchParams(body);
		const answer = refusalOf(request, path, params) ?? this.#once(request, path, params, fault === "500 for ever");
		if (fault === "answer lost") throw new TypeError(`the answer was lost: ${body}`);
		return respond(answer);
	};

	/** Keys are forgotten, as they are after a day: all, or those with this in them. */
	forgetKeys(part = ""): void {
		for (const key of this.#kept.keys()) if (key.includes(part)) this.#kept.delete(key);
	}

	/** https://docs.stripe.com/api/idempotent_requests: the same request under a key is answered the same way again, another one refused. */
	#once({ method, headers }: Request, path: string, params: URLSearchParams, fails: boolean): Answer {
		const work = (): Answer => {
			const answer = this.account.answer(method, path, params);
			return fails ? failed(500, { type: "api_error", message: "failed in the middle" }) : answer;
		};
		const key = headers.get("idempotency-key");
		if (method !== "POST" || key === null) return work();
		const asked = `${path} ${params}`;
		const kept = this.#kept.get(key);
		if (kept && kept.asked !== asked)
			return failed(400, { type: "idempotency_error", message: `Keys for idempotent requests can only be used once: ${params}` });
		const answer = kept?.answer ?? work();
		this.#kept.set(key, { asked, answer });
		return answer;
	}
}

const respond = ({ status, body }: Answer) => Response.json(body, { status, headers: { "request-id": "req_fake" } });
