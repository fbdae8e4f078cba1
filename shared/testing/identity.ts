import { createExecutionContext, reset, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { expect, vi } from "vitest";
import { Challenge, type Identity, type Refused, SignedIn } from "../identity.ts";
import type { Message } from "../mail.ts";
import type { Authenticator } from "./authenticator.ts";
import { type Observed, observe, rowsOf } from "./database.ts";
import { migrateDatabases } from "./migrations.ts";

/** The entry file of the identity Worker. */
interface IdentityWorker {
	readonly Identity: new (execution: ExecutionContext, env: IdentityBindings) => Identity;
	readonly default: {
		scheduled(event: ScheduledController, env: IdentityBindings, execution: ExecutionContext): Promise<void>;
	};
}

type EmailChanged = { customerId: string; email: string; changedAt: number };

/** identity on a real database; mail, the customer Worker and the clock are the test's. */
export class IdentityWorld {
	readonly database: Observed = observe(env.IDENTITY_DB);
	/** All that was mailed and not yet read. */
	readonly mails: Message[] = [];
	mailDown = false;
	readonly changes: EmailChanged[] = [];
	customersDown = false;
	/** In place of what wrangler.toml and the tests' bindings say. */
	settings: Partial<IdentityBindings> = {};
	readonly logged: string[] = [];
	readonly #worker: IdentityWorker;
	private constructor(worker: IdentityWorker) {
		this.#worker = worker;
		vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 10, 2, 12) });
		vi.spyOn(console, "log").mockImplementation((line) => this.logged.push(String(line)));
	}

	/** A new one, in which nobody is known yet. */
	static async start(worker: IdentityWorker): Promise<IdentityWorld> {
		vi.restoreAllMocks();
		await reset();
		await migrateDatabases();
		return new IdentityWorld(worker);
	}

	/** Lets time go by, in milliseconds. */
	pass(time: number): void {
		vi.setSystemTime(Date.now() + time);
	}

	get env(): IdentityBindings {
		const mail = {
			send: async (message: Message) => {
				if (this.mailDown) throw new Error("no mail is taken");
				this.mails.push(message);
			},
		};
		const customers = {
			changeEmail: async (change: EmailChanged) => {
				this.changes.push(change);
				if (this.customersDown) throw new Error("nobody is there");
			},
		};
		// fakes of what the Worker uses of them
		return {
			...env,
			...this.settings,
			IDENTITY_DB: this.database as unknown as D1Database,
			MAIL: mail as unknown as SendEmail,
			CUSTOMERS: customers as unknown as IdentityBindings["CUSTOMERS"],
		};
	}

	/** One call over the service binding, to the end of what goes on after its answer. */
	async call<Name extends keyof Identity>(name: Name, ...input: Parameters<Identity[Name]>): Promise<unknown> {
		const execution = createExecutionContext();
		const identity = new this.#worker.Identity(execution, this.env);
		const answer: unknown = await Reflect.apply(identity[name], identity, input);
		await waitOnExecutionContext(execution);
		return answer;
	}

	/** One run of a Cron Trigger, to its end. */
	async cron(cron = "* * * * *"): Promise<void> {
		const execution = createExecutionContext();
		const event = { cron, scheduledTime: Date.now(), noRetry() {}, type: "scheduled" } as ScheduledController;
		await this.#worker.default.scheduled(event, this.env, execution);
		await waitOnExecutionContext(execution);
	}

	/** The mails to an address; they are read then. */
	mailsTo(email: string): Message[] {
		const found = this.mails.filter(({ to }) => to === email);
		for (const mail of found) this.mails.splice(this.mails.indexOf(mail), 1);
		return found;
	}

	/** The code in the last mail to an address. */
	codeTo(email: string): string {
		const code = /^ {4}(\S+)$/m.exec(this.mailsTo(email).at(-1)?.text ?? "")?.[1];
		if (!code) throw new Error("no code was mailed there");
		return code;
	}

	/** Asks for a code and reads it in the mailbox. */
	async codeFor(email: string, browser = someBrowser): Promise<string> {
		expect(await this.call("requestCode", { email, browser })).toEqual({ done: true });
		return this.codeTo(email);
	}

	/** Signs in, or up, as one does who reads the mail. */
	async signIn(email: string): Promise<SignedIn> {
		const code = await this.codeFor(email);
		return v.parse(SignedIn, await this.call("signInWithCode", { email, code, browser: someBrowser, userAgent: "Test browser" }));
	}

	/** Registers a passkey, as a browser at `origin` does. */
	async registerPasskey({ secret }: SignedIn, passkey: Authenticator): Promise<unknown> {
		const { options, challenge } = v.parse(Challenge, await this.call("passkeyRegistrationOptions", { secret }));
		const response = await passkey.create(options, origin);
		return this.call("registerPasskey", { secret, challenge, response, name: "Ada's phone" });
	}

	/** Signs in with a passkey, as a browser at `at` does. */
	async signInWithPasskey(passkey: Authenticator, at = origin): Promise<unknown> {
		const { options, challenge } = v.parse(Challenge, await this.call("passkeySignInOptions"));
		const response = await passkey.get(options, at);
		return this.call("signInWithPasskey", { challenge, response, userAgent: "Test browser" });
	}

	rows<Row = Record<string, unknown>>(text: string, ...values: unknown[]): Promise<Row[]> {
		return rowsOf<Row>(env.IDENTITY_DB, text, ...values);
	}
}

/** Of the portal, as the tests' bindings have it. */
export const origin = "https://customer.test";
export const someBrowser = "browser-of-the-one-who-asks";
export const otherBrowser = "browser-of-somebody-else-00";

export const refused = (why: Refused["refused"]): Refused => ({ refused: why });
