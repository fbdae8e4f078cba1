import { createExecutionContext, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { CardRejected, CardVerified } from "../events/billing.ts";
import { shardOf } from "../ids.ts";
import { newEvent } from "../messaging/envelope.ts";
import { type Browser, browserOf } from "./browser.ts";
import { newNonce, sealedCard, someExpiry } from "./cards.ts";
import type { Answer, Customer, ProblemBody } from "./customers.ts";
import { rowsOf } from "./database.ts";
import { type Answers, done, type FakeIdentity, identityThat, withIdentity } from "./fake-identity.ts";
import { newId } from "./fixtures.ts";
import { sentTo, signAs } from "./forge.ts";
import { batchOf, neighbour } from "./messages.ts";

export const cardsPath = "/api/v1/cards";

/** What may be shown of the card that `sealedCard` seals. */
export const someDisplay = { brand: "visa", last4: "4242", ...someExpiry } as const;

/** What the customer Worker answers with. */
export interface IntentBody {
	cardId: string;
	nonce: string;
	expiresAt: string;
	customerId: string;
	key: { kid: string };
}
export interface CardBody {
	id: string;
	state: string;
	reason: string | null;
	brand: string;
	last4: string;
	expMonth: number;
	expYear: number;
	expired: boolean;
	replaces: string | null;
	createdAt: string;
	submittedAt: string;
	changedAt: string;
}

interface Worker {
	fetch(request: Request, env: Cloudflare.Env, execution: ExecutionContext): Response | Promise<Response>;
	queue(batch: MessageBatch, env: Cloudflare.Env, execution: ExecutionContext): Promise<void>;
}

/** A customer with cards in a browser: signed in just now, unless identity answers otherwise. */
export class CardHolder {
	readonly customer: Customer;
	readonly identity: FakeIdentity;
	readonly browser: Browser;
	readonly #worker: Worker;
	constructor(worker: Worker, customer: Customer, answers: Answers = { checkTrust: done }, more: Partial<Cloudflare.Env> = {}) {
		this.customer = customer;
		this.identity = identityThat(answers);
		this.browser = browserOf(worker, withIdentity(this.identity, more), { session: customer.token });
		this.#worker = worker;
	}

	intent<Body = ProblemBody>(body: object = {}, headers: Record<string, string> = {}): Promise<Answer<Body>> {
		return this.browser.post<Body>(`${cardsPath}/intents`, body, headers);
	}

	submit<Body = ProblemBody>(body: object): Promise<Answer<Body>> {
		return this.browser.post<Body>(cardsPath, body);
	}

	remove(id: string): Promise<Answer<ProblemBody>> {
		return this.browser.ask(`${cardsPath}/${id}`, { method: "DELETE", headers: { origin: "https://customer.test" } });
	}

	async list(query = ""): Promise<CardBody[]> {
		return (await this.browser.get<{ items: CardBody[] }>(cardsPath + query)).body.items;
	}

	async givenIntent(body: object = {}): Promise<IntentBody> {
		const answer = await this.intent<IntentBody>(body);
		if (answer.status !== 201) throw new Error(`no intent: ${answer.text}`);
		return answer.body;
	}

	/** A card that billing has not answered for yet. */
	async givenCard(body: object = {}): Promise<CardBody> {
		const answer = await this.submit<CardBody>(await submissionOf(await this.givenIntent(body)));
		if (answer.status !== 202) throw new Error(`no card: ${answer.text}`);
		return answer.body;
	}

	async givenVerified(body: object = {}): Promise<CardBody> {
		const { id } = await this.givenCard(body);
		await this.bring(cardVerified(this.customer.id, id));
		const card = (await this.list()).find((one) => one.id === id);
		if (card?.state !== "verified") throw new Error("no verdict");
		return card;
	}

	/** Its row, as the shard has it. */
	async row(cardId: string): Promise<Record<string, unknown> | undefined> {
		return (await rowsOf(this.customer.database, "select * from cards where id = ?", cardId))[0];
	}

	/** Hands billing's events to the Worker in one batch of their queue. */
	async bring(...messages: (string | Promise<string>)[]) {
		const batch = batchOf("billing-updates", await Promise.all(messages));
		const execution = createExecutionContext();
		await this.#worker.queue(batch, env, execution);
		return getQueueResult(batch, execution);
	}
}

/** The body of `POST cards` for an intent, as the browser makes it. */
export async function submissionOf(
	{ cardId, nonce, customerId, expiresAt }: IntentBody,
	card: Partial<Parameters<typeof sealedCard>[0]> = {},
): Promise<{ cardId: string; jwe: string } & typeof someDisplay> {
	const exp = Date.parse(expiresAt);
	return { cardId, jwe: await sealedCard({ customerId, cardId, nonce, exp, ...card }), ...someDisplay };
}

/** Of an intent that was never given. */
export const noIntent = (customerId: string): IntentBody => ({
	cardId: newId("crd", shardOf(customerId)),
	nonce: newNonce(),
	expiresAt: new Date(Date.now() + 600_000).toISOString(),
	customerId,
	key: { kid: "" },
});

/** What billing says of cards, on its way to the customer Worker. */
function fromBilling(type: string, subject: string, data: object): Promise<string> {
	const source = neighbour("billing");
	const event = newEvent(source, shardOf(subject), { type, subject, data });
	return signAs("billing", event, sentTo("customer", source.now()));
}

export const cardVerified = (subject: string, cardId: string, change: Partial<CardVerified> = {}) =>
	fromBilling("CardVerified", subject, {
		cardId,
		...someDisplay,
		verifiedAt: Date.now(),
		replaces: [],
		...change,
	} satisfies CardVerified);

export const cardRejected = (subject: string, cardId: string, change: Partial<CardRejected> = {}) =>
	fromBilling("CardRejected", subject, {
		cardId,
		reason: "expired",
		rejectedAt: Date.now(),
		...change,
	} satisfies CardRejected);
