import { expect } from "vitest";
import type { CardDisplay } from "../../shared/cards.ts";
import { topology } from "../../shared/events/topology.ts";
import { shardOf } from "../../shared/ids.ts";
import { type CloudEvent, newEvent } from "../../shared/messaging/envelope.ts";
import { pruneCron } from "../../shared/messaging/schedule.ts";
import { cardKey, testBindings } from "../../shared/testing/bindings.ts";
import { newNonce, sealedCard, someExpiry, somePan } from "../../shared/testing/cards.ts";
import { contentsOf } from "../../shared/testing/contents.ts";
import { rowsOf } from "../../shared/testing/database.ts";
import { customerId as idOfCustomer, newId } from "../../shared/testing/fixtures.ts";
import { readMessage, sentTo, signAs } from "../../shared/testing/forge.ts";
import { Payments } from "../../shared/testing/payments.ts";
import { createQuanta, type Delivery, type Quanta } from "../../shared/testing/quanta.ts";
import { joseCardKeys } from "../../workers/billing/cards/jose-card-keys.ts";
import type { BillingCtx } from "../../workers/billing/context.ts";
import { termsOf } from "../../workers/billing/invoices/terms.ts";
import { billing } from "../../workers/billing/quantum.ts";
import { webCryptoVault } from "../../workers/billing/vault/web-crypto-vault.ts";

type Sealing = Omit<Partial<Parameters<typeof sealedCard>[0]>, "customerId" | "cardId" | "nonce">;

/** A submission, as it should be unless told. */
interface Submission extends Partial<CardDisplay> {
	readonly customerId?: string;
	readonly cardId?: string;
	readonly nonce?: string;
	readonly acceptedAt?: number;
	readonly replaces?: string | null;
	readonly pan?: string;
	readonly jwe?: string;
	/** What is inside, where it is not what the rest says. */
	readonly sealed?: Sealing;
}

export interface Submitted {
	readonly cardId: string;
	readonly event: CloudEvent<{ cardId: string; nonce: string; jwe: string }>;
	readonly message: string;
}

/** A row of billing's `cards` as these tests look at it. */
export interface CardRow {
	readonly card_id: string;
	readonly state: string;
	readonly reason: string | null;
	readonly replaced_by: string | null;
}

const bindings = testBindings("billing");
const someBrand = (pan: string) =>
	(Object.entries(somePan).find(([, other]) => other === pan)?.[0] ?? "visa") as CardDisplay["brand"]; // its keys are brands

/** Real ones, of the test keys unless told, and a payment provider in memory. */
export const billingPorts = ({ CARD_KEYS, VAULT_KEKS, FINGERPRINT_KEY } = bindings, payments = new Payments()) => ({
	payments,
	cardKeys: joseCardKeys(CARD_KEYS),
	vault: webCryptoVault(VAULT_KEKS, FINGERPRINT_KEY),
	terms: termsOf({ CHARGE_DELAY_HOURS: "24", PAYMENT_LEASE_SECONDS: "900", SELLER: "{}", TAX_RATES: "{}" }),
});

/** Billing with real keys, and what the customer quantum would send it. */
export class CardsAtBilling {
	readonly quanta: Quanta = createQuanta(topology);
	/** As the secrets say. */
	keys = bindings;
	readonly payments = new Payments();

	get vault() {
		return billingPorts(this.keys).vault;
	}

	retireKey(retiredAt: number): void {
		this.keys = { ...this.keys, CARD_KEYS: JSON.stringify([{ ...cardKey, retiredAt }]) };
	}

	async submit(submission: Submission = {}): Promise<Submitted> {
		const { customerId = idOfCustomer("00"), nonce = newNonce(), acceptedAt = this.quanta.now, replaces = null } = submission;
		const { cardId = newId("crd", shardOf(customerId)), pan = somePan.visa, sealed = {} } = submission;
		const {
			brand = someBrand(pan),
			last4 = pan.slice(-4),
			expMonth = someExpiry.expMonth,
			expYear = someExpiry.expYear,
		} = submission;
		const inside = { customerId, cardId, nonce, now: acceptedAt, pan, expMonth, expYear, ...sealed };
		const jwe = submission.jwe ?? (await sealedCard(inside));
		const data = { cardId, nonce, jwe, brand, last4, expMonth, expYear, acceptedAt, replaces };
		const about = { type: "CardSubmitted", subject: customerId, data };
		const event = newEvent(this.quanta.ctx("customer"), shardOf(customerId), about);
		return { cardId, event, message: await this.sign(event) };
	}

	/** The message that a customer wants this card to be forgotten. */
	remove(cardId: string, customerId = idOfCustomer("00")): Promise<string> {
		const data = { cardId, removedAt: this.quanta.now };
		const about = { type: "CardRemoved", subject: customerId, data };
		return this.sign(newEvent(this.quanta.ctx("customer"), shardOf(customerId), about));
	}

	sign(event: object, header: Record<string, unknown> = sentTo("billing", this.quanta.now)): Promise<string> {
		return signAs("customer", event, header);
	}

	/** One queue batch, and what became of its messages. */
	attempt(...messages: readonly string[]): Promise<Delivery> {
		return this.quanta.deliver(billing, "billing-info", messages, billingPorts(this.keys, this.payments));
	}

	/** One queue batch, of which no message has to come again. */
	async deliver(...messages: readonly string[]): Promise<void> {
		expect(await this.attempt(...messages)).toMatchObject({ retried: [] });
	}

	/** The hourly pruning. */
	async prune(): Promise<void> {
		await billing.crons[pruneCron]?.(this.quanta.ctx("billing") as BillingCtx); // no port of its own is asked for
	}

	/** What billing has said of cards since it was last asked, in any order. */
	async told(): Promise<{ type: unknown; subject: unknown; data: Record<string, unknown> }[]> {
		await this.quanta.settled();
		const events = this.quanta.take("billing-updates").map((message) => readMessage(message).event);
		return events.map(({ type, subject, data }) => ({ type, subject, data: data as Record<string, unknown> })); // events of billing
	}

	rows(): Promise<CardRow[]> {
		return rowsOf(this.quanta.databases.billing00, "select card_id, state, reason, replaced_by from cards order by card_id");
	}

	/** Which cards are sealed, and which are found again by their number: always the same ones. */
	async sealed(): Promise<unknown[]> {
		const { billing00 } = this.quanta.databases;
		const [vault, fingerprints] = [
			await rowsOf(billing00, "select card_id from vault order by card_id"),
			await rowsOf(billing00, "select card_id from fingerprints order by card_id"),
		];
		if (JSON.stringify(vault) !== JSON.stringify(fingerprints)) throw new Error("the vault and the fingerprints differ");
		return vault.map(({ card_id }) => card_id);
	}

	/** Everything in every table of billing. */
	contents() {
		return contentsOf(this.quanta.databases.billing00, this.quanta.databases.billing01);
	}

	/** What has been received is no longer remembered, as after 60 days. */
	async forgetInbox(): Promise<void> {
		await this.quanta.databases.billing00.prepare("delete from inbox").run();
	}
}

/** What is said of a card that stands: with these in `replaces`. */
export const saidVerified = (cardId: string, replaces: readonly string[] = []) =>
	expect.objectContaining({ type: "CardVerified", data: expect.objectContaining({ cardId, replaces: [...replaces].sort() }) });

/** Rows of cards as `rows` gives them. */
export const stands = (card_id: string): CardRow => ({ card_id, state: "verified", reason: null, replaced_by: null });
export const isRemoved = (card_id: string, replaced_by: string | null = null): CardRow => ({
	card_id,
	state: "removed",
	reason: null,
	replaced_by,
});
export const byId = (...rows: readonly CardRow[]) => rows.toSorted((a, b) => (a.card_id < b.card_id ? -1 : 1));
