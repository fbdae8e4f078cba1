import { env } from "cloudflare:workers";
import type { Identity } from "../identity.ts";
import type { Customer } from "./customers.ts";
import { newId } from "./fixtures.ts";

/** What identity is to answer, by method. What is not here fails, like an identity that is down. */
export type Answers = { [Method in keyof Identity]?: (input: Parameters<Identity[Method]>[0]) => unknown };

export interface FakeIdentity extends Identity {
	/** What it was asked, in order. */
	readonly asked: readonly string[];
}

/** Stands in for the identity Worker as a test wants it. */
export function identityThat(answers: Answers): FakeIdentity {
	const asked: string[] = [];
	const handler: ProxyHandler<object> = {
		get(_, method) {
			if (method === "asked") return asked;
			if (typeof method === "symbol" || method === "then") return undefined;
			return async (input: never) => {
				asked.push(method);
				const answer = answers[method as keyof Identity]; // only its methods are called
				if (!answer) throw new Error("identity is down");
				return answer(input);
			};
		},
	};
	return new Proxy({}, handler) as FakeIdentity;
}

/** The customer Worker's bindings, with this identity behind the service binding. */
export function withIdentity(identity: Identity, more: Partial<Cloudflare.Env> = {}): Cloudflare.Env {
	return { ...env, IDENTITY: identity as unknown as Service, ...more }; // all that is used of it
}

export const done = () => ({ done: true });
export const refusing = (refused: string) => () => ({ refused });

/** What identity answers when this customer signs in. */
export const signedInAs = ({ id, sessionId, token }: Customer, more: object = {}) => ({
	customerId: id,
	sessionId,
	token,
	secret: `the-secret-of-${sessionId}`,
	email: "ada@penultimate.example",
	ended: [],
	...more,
});

/** What identity answers when it renews this customer's session. */
export const refreshedAs = ({ id, sessionId, token }: Customer) => ({ customerId: id, sessionId, token });

/** What identity knows of a customer with this session and others. */
export const accountOf = ({ id, sessionId }: Customer, others: readonly string[] = [newId("ses", "00")]) => ({
	customerId: id,
	email: "ada@penultimate.example",
	fresh: true,
	heldUntil: null,
	emailChange: null,
	passkeys: [],
	sessions: [sessionId, ...others].map((session) => ({
		id: session,
		createdAt: 0,
		lastUsedAt: 0,
		userAgent: "a browser",
		current: session === sessionId,
	})),
});
