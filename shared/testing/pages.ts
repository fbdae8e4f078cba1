import type { env } from "cloudflare:workers";
import { type Browser, browserOf } from "./browser.ts";
import type { Answer, Customer } from "./customers.ts";
import { type Answers, identityThat, refreshedAs, withIdentity } from "./identity-stub.ts";

type Worker = Parameters<typeof browserOf<typeof env>>[0];

/** A browser in front of the portal: it follows no redirect, so that a test sees each. */
export class Visitor {
	readonly browser: Browser;
	constructor(browser: Browser) {
		this.browser = browser;
	}

	get(path: string): Promise<Answer<unknown>> {
		return this.browser.get<unknown>(path, { accept: "text/html" });
	}

	/** Sends a form as a browser without script does. A field may come several times. */
	submit(path: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Answer<unknown>> {
		const pairs = Object.entries(fields).flatMap(([name, values]) =>
			[values].flat().map((value) => [name, value] as [string, string]),
		);
		return this.send(path, new URLSearchParams(pairs).toString());
	}

	send(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Answer<unknown>> {
		const own = {
			accept: "text/html",
			"content-type": "application/x-www-form-urlencoded",
			origin: "https://customer.test",
			"sec-fetch-site": "same-origin",
		};
		return this.browser.ask<unknown>(path, { method: "POST", body, headers: { ...own, ...headers } });
	}
}

/** Who has signed in as this customer, or with null nobody; identity answers as the test wants it. */
export function visitorOf(worker: Worker, customer: Customer | null, answers: Answers = {}): Visitor {
	const identity = identityThat({ ...(customer && { refresh: () => refreshedAs(customer) }), ...answers });
	const cookies = customer ? { session: customer.token, refresh: `the-secret-of-${customer.sessionId}` } : {};
	return new Visitor(browserOf(worker, withIdentity(identity), cookies));
}

/** The value of a hidden field in a page. */
export function hiddenIn(html: string, name: string): string {
	const [, value] = new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(html) ?? [];
	if (value === undefined) throw new Error(`no hidden field ${name}`);
	return value;
}
