import { randomUUID } from "node:crypto";
import type { SpawnedStack } from "../../scripts/dev/spawn.ts";
import { Authenticator } from "../../shared/testing/authenticator.ts";
import { codeFor } from "../mailbox.ts";

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
		await this.ask("/api/auth/sign-in/email-otp", await this.code());
		return this;
	}
}

/** Something that an operation needs before its example can work: who asks, and what of the body nobody can know before. */
export interface Given {
	readonly client: Client;
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
	return {
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
