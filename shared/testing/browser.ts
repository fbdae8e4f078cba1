import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import type { Answer, ProblemBody } from "./customers.ts";

/** A cookie as an answer sets it: its value and its attributes in lower case. */
export interface SetCookie {
	readonly value: string;
	readonly attributes: readonly string[];
}

interface Worker<Env> {
	fetch(request: Request, env: Env, execution: ExecutionContext): Response | Promise<Response>;
}

/** A browser with these cookies before a Worker with these bindings. */
export function browserOf<Env>(worker: Worker<Env>, env: Env, cookies: Readonly<Record<string, string>> = {}): Browser {
	return new Browser(async (request) => {
		const execution = createExecutionContext();
		const response = await worker.fetch(request, env, execution);
		await waitOnExecutionContext(execution);
		return response;
	}, cookies);
}

type Send = (request: Request) => Promise<Response>;

/** What a browser does by itself: it keeps cookies, and says where a request comes from. */
export class Browser {
	readonly cookies = new Map<string, string>();
	readonly #send: Send;
	constructor(send: Send, cookies: Readonly<Record<string, string>>) {
		this.#send = send;
		for (const [name, value] of Object.entries(cookies)) this.cookies.set(`__Host-${name}`, value);
	}

	get<Body = ProblemBody>(path: string, headers: Record<string, string> = {}): Promise<Answer<Body>> {
		return this.ask<Body>(path, { headers });
	}

	post<Body = ProblemBody>(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer<Body>> {
		const own = { "content-type": "application/json", origin: "https://customer.test", "sec-fetch-site": "same-origin" };
		return this.ask<Body>(path, { method: "POST", body: JSON.stringify(body), headers: { ...own, ...headers } });
	}

	async ask<Body = ProblemBody>(path: string, init: RequestInit): Promise<Answer<Body>> {
		const request = new Request(`https://customer.test${path}`, { redirect: "manual", ...init });
		if (this.cookies.size > 0) request.headers.set("cookie", [...this.cookies].map((pair) => pair.join("=")).join("; "));
		const response = await this.#send(request);
		for (const [name, { value, attributes }] of setCookies(response.headers)) {
			if (attributes.includes("max-age=0")) this.cookies.delete(name);
			else this.cookies.set(name, value);
		}
		const text = await response.text();
		const isJson = /json/.test(response.headers.get("content-type") ?? "");
		// The assertions of the tests are what checks the shape.
		return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : undefined) as Body };
	}
}

/** The cookies that an answer sets, the last of each name. */
export function setCookies(headers: Headers): Map<string, SetCookie> {
	return new Map(
		headers.getSetCookie().map((line) => {
			const [pair = "", ...attributes] = line.split("; ");
			const [name = "", value = ""] = pair.split("=");
			return [name, { value, attributes: attributes.map((attribute) => attribute.toLowerCase()) }];
		}),
	);
}
