import { expect } from "vitest";
import type { Database } from "../../../shared/context.ts";
import { topology } from "../../../shared/events/topology.ts";
import { shardOf } from "../../../shared/ids.ts";
import { newEvent, seal } from "../../../shared/messaging/envelope.ts";
import { testBindings } from "../../../shared/testing/bindings.ts";
import { newNonce, sealedCard, someExpiry, somePan } from "../../../shared/testing/cards.ts";
import { rowsOf, throughWire } from "../../../shared/testing/database.ts";
import { newId, someCustomer } from "../../../shared/testing/fixtures.ts";
import { readMessage } from "../../../shared/testing/forge.ts";
import { createQuanta, type Delivery, type Quanta } from "../../../shared/testing/quanta.ts";
import { givenVersion } from "../../../shared/testing/replica.ts";
import { hours } from "../../../shared/time.ts";
import { joseCardKeys } from "../cards/jose-card-keys.ts";
import type { BillingCtx } from "../context.ts";
import type { Terms } from "../invoices/terms.ts";
import type { Charge, ChargeOutcome, PaymentProvider } from "../provider/provider.ts";
import { billing } from "../quantum.ts";
import type { CardSecret } from "../vault/vault.ts";
import { webCryptoVault } from "../vault/web-crypto-vault.ts";
import { startCharges } from "./schedule.ts";
import { workCharges } from "./work-charges.ts";

/** What the provider does with a new charge: as it is told, and for ever. */
export type Script = ChargeOutcome | "lost before" | "lost after";

export const softly: ChargeOutcome = { outcome: "declined", decline: { kind: "soft", reason: "insufficient_funds" } };
export const tooSmall: ChargeOutcome = { outcome: "refused", reason: "amount_too_small" };
export const hard: ChargeOutcome = { outcome: "declined", decline: { kind: "hard", reason: "card_expired" } };

/** A provider whose ledger is the witness of what was charged. */
export class Provider implements PaymentProvider {
	readonly ledger = new Map<string, Charge & { outcome: ChargeOutcome }>();
	readonly calls: string[] = [];
	/** Of the next new charges; then all are approved. */
	readonly script: Script[] = [];
	/** Called before each call. */
	before: (call: string, attemptId?: string) => Promise<void> | void = () => {};
	refuses = false;

	register: PaymentProvider["register"] = async ({ pan }) => {
		await this.#note("register");
		return this.refuses ? { declined: true } : { token: `token of ${[...pan].reverse().join("")}` };
	};
	charge: PaymentProvider["charge"] = async (charge) => {
		await this.#note("charge");
		const before = this.ledger.get(charge.attemptId);
		if (before) return before.outcome;
		const { attemptId, amountMinor, currency } = charge;
		const approved: ChargeOutcome = { outcome: "approved", ref: `charge of ${attemptId}`, amountMinor, currency };
		const next = this.script.shift() ?? approved;
		if (next === "lost before") throw new Error("no answer");
		if (typeof next === "object" && next.outcome === "refused") return next; // it leaves nothing
		const outcome = next === "lost after" ? approved : next;
		this.ledger.set(attemptId, { ...charge, outcome });
		if (next === "lost after") throw new Error("no answer");
		return outcome;
	};
	findCharge: PaymentProvider["findCharge"] = async ({ attemptId }) => {
		await this.#note("findCharge", attemptId);
		return this.ledger.get(attemptId)?.outcome;
	};
	refund = async (): Promise<never> => {
		throw new Error("not asked for here");
	};
	findRefund = this.refund;

	/** What has been taken, in the order in which it was asked for. */
	get approved(): Charge[] {
		return [...this.ledger.values()].filter(({ outcome }) => outcome.outcome === "approved");
	}

	async #note(call: string, attemptId?: string): Promise<void> {
		this.calls.push(call);
		await this.before(call, attemptId);
	}
}

interface Told {
	readonly type: string;
	readonly subject: string | undefined;
	readonly version: string | undefined;
	readonly data: Record<string, unknown>;
}

const bindings = testBindings("billing");
export const start = Date.UTC(2026, 10, 2, 12);
export const nextMonth = Date.UTC(2026, 11, 2, 12);
export const delay = 24 * hours;
export const lease = 900_000;

/** Billing on real databases, at noon of 2 November 2026, with a provider that remembers. */
export class Bench {
	readonly quanta: Quanta = createQuanta(topology);
	readonly provider = new Provider();
	/** Who charges; `provider` unless told. */
	payments: PaymentProvider = this.provider;
	readonly ensured: string[] = [];
	terms: Terms = {
		chargeDelay: delay,
		lease,
		seller: { ...someCustomer, taxId: "DE1", email: "billing@penultimate.example" },
		taxRates: { london: 2000 },
	};
	#said = 0;
	/** Stands between the payment job and its databases. */
	wire: (database: Database) => Database = (database) => database;

	get billing00(): Database {
		return this.quanta.databases.billing00;
	}

	ports() {
		return {
			cardKeys: joseCardKeys(bindings.CARD_KEYS),
			vault: webCryptoVault(bindings.VAULT_KEKS, bindings.FINGERPRINT_KEY),
			payments: this.payments,
			terms: this.terms,
			deliveries: { ensure: async (id: string) => void this.ensured.push(id), delivered: async () => {} },
		};
	}

	ctx(): BillingCtx {
		const ctx = this.quanta.ctx("billing");
		const { shards, locate, get } = ctx.databases;
		const databases = { shards, locate, get: (shard: string) => this.wire(get(shard)) };
		return Object.assign(ctx, this.ports(), { databases }) as unknown as BillingCtx; // no test asks for the contract feed
	}

	/** The time, and what the hourly run does by then, once or until nothing is left. */
	async at(time: number): Promise<void> {
		this.quanta.now = time;
		await this.run();
	}

	async run(): Promise<void> {
		await startCharges(this.ctx());
		await this.work(this.quanta.take("charges"));
	}

	async work(messages: readonly string[]): Promise<void> {
		for (const message of messages) await workCharges(this.ctx(), message);
	}

	/** A message of the customer quantum, and what became of it. */
	async deliver(type: string, subject: string, data: object, version?: number): Promise<Delivery> {
		return this.hand(await this.message(type, subject, data, version));
	}

	message(type: string, subject: string, data: object, version?: number): Promise<string> {
		const source = this.quanta.ctx("customer");
		const about = { type, subject, data, ...(version === undefined ? {} : { version }) };
		return seal(source, JSON.stringify(newEvent(source, shardOf(subject), about)), "billing");
	}

	hand(...messages: readonly string[]): Promise<Delivery> {
		return this.quanta.deliver<BillingCtx>(billing, "billing-info", messages, this.ports());
	}

	/** Somebody whose address is known. */
	async givenCustomer({ shard = "00", region = "south" as string | null, language = "en" } = {}): Promise<string> {
		const id = newId("cus", shard);
		const { name, street, postalCode, city, country } = someCustomer;
		const data = { email: "ada@example.test", name, street, postalCode, city, country, region, language };
		await this.deliver("CustomerChanged", id, data, 1);
		return id;
	}

	/** A contract in both shards, at this price. */
	async givenContract(amountMinor = 1290, { id = newId("ctr", "00"), version = 1, currency = "EUR" } = {}): Promise<string> {
		const terms = { name: `Care for ${amountMinor}`, price: { amountMinor, currency } };
		for (const database of [this.quanta.databases.billing00, this.quanta.databases.billing01]) {
			await givenVersion(database, { contractId: id, version, terms });
		}
		return id;
	}

	/** A plan as it is said now; each phase a time and its contracts. */
	plan(
		customerId: string,
		phases: readonly (readonly [from: number, ...contracts: (string | readonly [string, number])[]])[],
		{ version = this.quanta.now + this.#said++, startsAt = phases[0]?.[0] ?? start, endsAt = null as number | null } = {},
	): Promise<Delivery> {
		return this.deliver("PlanChanged", customerId, planOf(phases, startsAt, endsAt), version);
	}

	/** A card that is entered, and verified when it comes. */
	async card(customerId: string, pan: string = somePan.visa): Promise<string> {
		const [cardId, nonce] = [newId("crd", shardOf(customerId)), newNonce()];
		const jwe = await sealedCard({ customerId, cardId, nonce, now: this.quanta.now, pan, ...someExpiry });
		const shown = { brand: "visa", last4: pan.slice(-4), ...someExpiry };
		const data = { cardId, nonce, jwe, ...shown, acceptedAt: this.quanta.now, replaces: null };
		expect(await this.deliver("CardSubmitted", customerId, data)).toMatchObject({ retried: [] });
		return cardId;
	}

	removeCard(customerId: string, cardId: string): Promise<Delivery> {
		return this.deliver("CardRemoved", customerId, { cardId, removedAt: this.quanta.now });
	}

	/** Somebody with a plan from `start` for 12.90 and a card. */
	async givenPayer({
		price = 1290,
		card = true,
		shard = "00",
		region = "south",
	} = {}): Promise<{ id: string; contract: string }> {
		const id = await this.givenCustomer({ shard, region });
		const contract = await this.givenContract(price);
		await this.plan(id, [[start, contract]]);
		if (card) await this.card(id);
		return { id, contract };
	}

	/** A card as it was sealed when the vault kept numbers: the provider hears of it when it is charged. */
	async keepNumber(customerId: string, cardId: string, pan: string = somePan.visa): Promise<void> {
		const { vault } = this.ports();
		const number = { pan, name: null, ...someExpiry };
		// no vault seals one any more
		const sealed = await vault.seal(number as unknown as CardSecret, { cardId, customerId });
		const text = "update vault set kek_id = ?, wrapped_key = ?, sealed_card = ? where card_id = ?";
		await this.billing00.prepare(text).bind(sealed.kekId, sealed.wrappedKey, sealed.sealedCard, cardId).run();
	}

	/** In the next run, after so many of its batches (1: what decides is read; 2: attempts have begun), and before the one after. */
	after(batches: number, work: () => Promise<unknown>): void {
		let seen = 0;
		this.wire = (database) =>
			throughWire(database, async (statements, trip) => {
				if (statements > 1 && seen++ === batches) await work();
				return trip();
			});
	}

	/** What was said of payments since it was last asked. */
	async told(): Promise<Told[]> {
		await this.quanta.settled();
		const messages = [...this.quanta.take("billing-updates"), ...this.quanta.take("facts")];
		const events = messages.map((message) => readMessage(message).event as unknown as Told);
		return events
			.filter(({ type }) => type.startsWith("Payment"))
			.map(({ type, subject, version, data }) => ({ type, subject, version, data }));
	}

	periods(customerId: string): Promise<Record<string, unknown>[]> {
		const text = `select from_at, state, attempt_at, look_at, declines, failure from periods where customer_id = ? order by from_at`;
		return rowsOf(this.quanta.ctx("billing").databases.get(shardOf(customerId)), text, customerId);
	}

	async attempts(customerId: string): Promise<string[]> {
		const text = "select state from attempts where customer_id = ? order by from_at, number";
		const rows = await rowsOf<{ state: string }>(this.quanta.ctx("billing").databases.get(shardOf(customerId)), text, customerId);
		return rows.map(({ state }) => state);
	}

	/** The documents, by number. */
	async invoices(
		shard = "00",
	): Promise<{ number: string; totalMinor: number; lines: { kind: string; amountMinor: number }[] }[]> {
		const text = "select document from invoices order by number";
		const rows = await rowsOf<{ document: string }>(this.quanta.ctx("billing").databases.get(shard), text);
		return rows.map(({ document }) => JSON.parse(document));
	}
}

function planOf(
	phases: readonly (readonly [from: number, ...contracts: (string | readonly [string, number])[]])[],
	startsAt: number,
	endsAt: number | null,
) {
	const lineOf = (contract: string | readonly [string, number]) =>
		typeof contract === "string"
			? { contractId: contract, contractVersion: 1 }
			: { contractId: contract[0], contractVersion: contract[1] };
	return { startsAt, endsAt, phases: phases.map(([from, ...contracts]) => ({ from, lines: contracts.map(lineOf) })) };
}
