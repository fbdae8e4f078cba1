import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import * as v from "valibot";
import type { SpawnedStack } from "../../scripts/dev/spawn.ts";
import { newPlan, newProfile } from "../../scripts/openapi/examples.ts";
import { Authenticator } from "../../shared/testing/authenticator.ts";
import { sealedCard, someExpiry } from "../../shared/testing/cards.ts";
import { codeFor } from "../mailbox.ts";

/** What the test reads of an intent. */
const Intent = v.object({
	cardId: v.string(),
	nonce: v.string(),
	customerId: v.string(),
	expiresAt: v.string(),
	key: v.object({ kty: v.string(), crv: v.string(), x: v.string(), y: v.string(), kid: v.string() }),
});

const Invoices = v.object({ items: v.array(v.object({ id: v.string() })) });

/** A client of the API that keeps cookies, with an address of its own: floods are limited for each. */
export class Client {
	readonly #cookies = new Map<string, string>();
	readonly #address = randomUUID();
	readonly #stack: SpawnedStack;
	constructor(stack: SpawnedStack) {
		this.#stack = stack;
	}

	async request(path: string, init: { method: string; headers?: Record<string, string>; body?: string }): Promise<Response> {
		const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
		const headers = { "cf-connecting-ip": this.#address, ...(cookie && { cookie }), ...init.headers };
		const response = await this.#stack.request("customer", path, { ...init, headers });
		for (const [pair = ""] of response.headers.getSetCookie().map((line) => line.split(";"))) {
			const [name = "", value = ""] = pair.split("=");
			if (value) this.#cookies.set(name, value);
			else this.#cookies.delete(name);
		}
		return response;
	}

	/** Sends JSON, or nothing by GET, and throws when the answer is none of success. */
	async ask(path: string, body?: object): Promise<Record<string, unknown>> {
		const json = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
		const response = await this.request(path, body ? json : { method: "GET" });
		if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
		return response.json();
	}

	/** Has a code mailed; what signing in with it takes. */
	async code(path = "/api/auth/email-otp/send-verification-otp"): Promise<{ email: string; otp: string }> {
		const email = `client-${randomUUID()}@penultimate.example`;
		await this.ask(path, { email });
		return { email, otp: await codeFor(this.#stack, email) };
	}

	async signIn(): Promise<this> {
		await this.freshToken();
		return this;
	}

	/** Signs somebody new in, and gives the token of the session: identity trusts it for 15 minutes. */
	async freshToken(): Promise<string> {
		const { token } = await this.ask("/api/auth/sign-in/email-otp", await this.code());
		return String(token);
	}
}

/** Something that an operation needs before its example can work: who asks, and what of the body nobody can know before. */
export interface Given {
	readonly client: Client;
	/** Of its session, for who does not come with cookies. */
	readonly token?: string;
	readonly body?: object;
	/** What of the path nobody can know before. */
	readonly ids?: Readonly<Record<string, string>>;
}

/** What is given, by operation, for those whose body is the answer to something. */
export function givens(stack: SpawnedStack): Readonly<Record<string, () => Promise<Given>>> {
	const origin = `http://localhost:${stack.port}`;
	const registration = async () => {
		const client = await new Client(stack).signIn();
		const authenticator = await Authenticator.make();
		const options = await client.ask("/api/auth/passkey/generate-register-options");
		return { client, authenticator, response: await authenticator.create(options, origin) };
	};
	const trusted = async () => {
		const token = await new Client(stack).freshToken();
		const client = new Client(stack); // without the cookies
		const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
		const ask = async (path: string, body: object, method = "POST"): Promise<Record<string, unknown>> => {
			const response = await client.request(path, { method, headers, body: JSON.stringify(body) });
			if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
			return response.json();
		};
		const sealed = async () => {
			const { key, expiresAt, ...intent } = v.parse(Intent, await ask("/api/v1/cards/intents", {}));
			const jwe = await sealedCard({ ...intent, key, exp: Date.parse(expiresAt) });
			return { cardId: intent.cardId, jwe, ...someExpiry };
		};
		const submitted = async () => (await ask("/api/v1/cards", { brand: "visa", last4: "4242", ...(await sealed()) }))["id"];
		return { client, token, sealed, submitted, ask };
	};
	/** Somebody whose first period is paid. */
	const charged = async () => {
		const { token, submitted, ask } = await trusted();
		await ask("/api/v1/profile", newProfile, "PUT");
		await ask("/api/v1/plan", newPlan, "PUT");
		await submitted();
		const client = new Client(stack);
		for (let i = 0; i < 40; i++) {
			const answer = await client.request("/api/v1/invoices", { method: "GET", headers: { authorization: `Bearer ${token}` } });
			const [invoice] = v.parse(Invoices, await answer.json()).items;
			if (invoice) return { client, token, ids: { id: invoice.id } };
			await stack.fire("billing", "7 * * * *"); // the charges of what has become due
			await setTimeout(500);
		}
		throw new Error("no invoice has come");
	};
	return {
		openCardIntent: trusted,
		submitCard: async () => {
			const given = await trusted();
			return { ...given, body: await given.sealed() };
		},
		listCards: async () => {
			const given = await trusted();
			await given.submitted();
			return given;
		},
		removeCard: async () => {
			const given = await trusted();
			const ids = { id: String(await given.submitted()) };
			return { ...given, client: new Client(stack), ids }; // who has kept a cookie would have to say where it comes from
		},
		listInvoices: charged,
		getInvoice: charged,
		signInWithCode: async () => {
			const client = new Client(stack);
			return { client, body: await client.code() };
		},
		signOut: async () => ({ client: await new Client(stack).signIn() }),
		registerPasskey: async () => {
			const { client, response } = await registration();
			return { client, body: { response } };
		},
		signInWithPasskey: async () => {
			const { client, authenticator, response } = await registration();
			await client.ask("/api/auth/passkey/verify-registration", { response });
			const options = await client.ask("/api/auth/passkey/generate-authenticate-options");
			return { client, body: { response: await authenticator.get(options, origin) } };
		},
		submitSurvey: async () => ({ client: new Client(stack), ids: { token: await stack.token("--survey") } }),
		confirmEmailChange: async () => {
			const client = await new Client(stack).signIn();
			return { client, body: await client.code("/api/auth/change-email") };
		},
	};
}
