import { someNumber } from "../../../shared/testing/card-numbers.ts";
import { days, hours, minutes } from "../../../shared/time.ts";
import { openIntent } from "../../../workers/customer/cards/open-intent.ts";
import { listCards } from "../../../workers/customer/cards/read-cards.ts";
import { removeCard } from "../../../workers/customer/cards/remove-card.ts";
import { submitCard } from "../../../workers/customer/cards/submit-card.ts";
import type { Cluster } from "../cluster.ts";
import { asRequest } from "../fake-request.ts";
import type { Flow, FlowKind } from "../flow.ts";
import { insist } from "../insist.ts";
import { leave, type Person } from "../people.ts";
import {
	cardsAtEveryMoment,
	cardsInTheEnd,
	isForgotten,
	numbersInTheClear,
	type Submission,
	unopened,
} from "./cards-promises.ts";
import { Rotations } from "./cards-rotations.ts";
import { displayOf, type Intent, seal, someCard, type TypedCard } from "./cards-typed.ts";
import { billing, customer } from "./cards-witnesses.ts";

/** Credit cards, from what a browser seals to billing's vault, while keys are replaced. */
export const cards: FlowKind = { witnesses: { customer, billing }, start: (people) => new CardsFlow(people, false) };

/** The same over months: people enter another card now and then, and no key is replaced. */
export const cardsOverMonths: FlowKind = { witnesses: { customer, billing }, start: (people) => new CardsFlow(people, true) };

const selectRetired = "select id from cards_seen where state = 'rejected' and reason = 'key_retired'";

class CardsFlow implements Flow {
	readonly #people: readonly Person[];
	readonly #numbers = new Map<string, [string, ...string[]]>();
	readonly #submissions = new Map<string, Submission>();
	readonly #wrongAnswers: string[] = [];
	/** Cards whose customers have heard that their key is retired. */
	readonly #again = new Set<string>();
	readonly #counts = { acknowledged: 0, removed: 0, ranOut: 0, again: 0, verified: 0, rejected: 0, replaced: 0, rewrapped: 0 };
	#rotations: Rotations | undefined;
	#turn = 0;
	#looks = 0;

	readonly #overMonths: boolean;

	constructor(people: readonly Person[], overMonths: boolean) {
		this.#people = people;
		this.#overMonths = overMonths;
	}

	plan(cluster: Cluster, until: number): void {
		const { world } = cluster;
		const { random } = world;
		if (!this.#overMonths) this.#rotations = new Rotations(cluster, until);
		const shared = someNumber(random, "5500"); // a couple's
		for (const person of this.#people) {
			this.#numbers.set(person.customerId, [someNumber(random, "4"), someNumber(random, "4"), shared]);
			if (this.#overMonths) {
				void this.#entersNowAndThen(cluster, person, until);
				continue;
			}
			const begins = random.between(0, random.chance(0.7) ? 20 * minutes : until - world.now);
			world.after(begins, () => void this.#lives(cluster, person, until));
		}
		if (this.#overMonths) return; // no key is retired
		for (let after = 0; after < 48 * hours; after += hours) world.at(until + after, () => this.atCron(cluster));
	}

	async #entersNowAndThen(cluster: Cluster, person: Person, until: number): Promise<void> {
		const { world } = cluster;
		const { random } = world;
		const numbers = this.#numbers.get(person.customerId);
		if (!numbers) return;
		await pause(cluster, random.between(0, random.chance(0.7) ? hours : (until - world.now) / 2));
		for (let left = random.between(2, 6); left > 0 && world.now < until; left--) {
			await this.#enters(cluster, person, someCard(random, numbers, world.now));
			await pause(cluster, random.between(hours, Math.max(days, (2 * (until - world.now)) / left)));
		}
	}

	async #lives(cluster: Cluster, person: Person, until: number): Promise<void> {
		const { world } = cluster;
		const { random } = world;
		for (let turn = random.between(1, 5); turn > 0; turn--) {
			const numbers = this.#numbers.get(person.customerId);
			if (!numbers) return;
			await this.#enters(cluster, person, someCard(random, numbers, world.now));
			const longest = random.chance(0.7) ? 10 * minutes : Math.max(minutes, until - world.now) / turn;
			await pause(cluster, random.between(1, longest));
		}
	}

	/** Somebody opens the form, types a card and sends it; now and then it is gone again soon. */
	async #enters(cluster: Cluster, session: Person, card: TypedCard): Promise<void> {
		const { world } = cluster;
		const { random } = world;
		if (world.now > session.sessionEnds) return;
		const replaces = random.chance(0.3) ? random.pick([undefined, ...verifiedOf(cluster, session)]) : undefined;
		const input = { session, ...(replaces && { replaces }), idempotencyKey: `intent-${this.#turn++}` };
		const began = world.now;
		const opened = await insist(cluster, `${session.customerId} opens the form`, (ctx) =>
			openIntent({ ctx: asRequest(cluster, ctx), input }),
		);
		if (!opened || "problem" in opened) {
			const isOver = world.now >= began + 599_000; // that of the first attempt, which ends with a whole second
			const rightly = ["too_many_cards", ...(replaces ? ["card_not_verified"] : []), ...(isOver ? ["intent_closed"] : [])];
			return this.#check(session, opened?.problem, ...rightly);
		}
		const { answer } = opened;
		const intent: Intent = { ...answer, kid: answer.key.kid, expiresAt: Date.parse(answer.expiresAt) };
		const submission: Submission = { intent, card, replaces, acknowledged: false, removal: "none" };
		this.#submissions.set(intent.cardId, submission);
		if (random.chance(0.02)) world.after(random.between(1, minutes), () => leave(cluster, session));
		await pause(
			cluster,
			random.chance(this.#overMonths ? 0.98 : 0.9) ? random.between(1, 2 * minutes) : random.between(8 * minutes, 12 * minutes),
		);
		const removes = random.chance(this.#overMonths ? 0.1 : 0.3) ? random.pick([1000, 5000, minutes, hours, 5 * days]) : undefined;
		if (removes !== undefined) world.after(random.between(0, removes), () => void this.#removes(cluster, session, submission));
		await this.#sends(cluster, session, submission);
	}

	async #sends(cluster: Cluster, session: Person, submission: Submission): Promise<void> {
		const { world } = cluster;
		const { intent, card } = submission;
		const { cardId } = intent;
		const jwe = seal(card, intent, world.now);
		const input = { session, cardId, jwe, ...displayOf(card) };
		const send = async () => {
			if (world.now > session.sessionEnds) return;
			const sent = await insist(cluster, `${cardId} is submitted`, (ctx) => submitCard({ ctx, input }));
			if (sent && "answer" in sent) submission.acknowledged = true;
			else if (sent?.problem !== "intent_closed") this.#check(session, sent?.problem);
			else if (world.now >= intent.expiresAt) this.#counts.ranOut += 1;
			else if (submission.removal === "none") this.#wrongAnswers.push(`${cardId}: its intent is said to be closed`);
		};
		await Promise.all(Array.from({ length: world.random.chance(0.15) ? 2 : 1 }, send));
		if (submission.acknowledged) this.#counts.acknowledged += 1;
	}

	async #removes(cluster: Cluster, session: Person, submission: Submission): Promise<void> {
		if (cluster.world.now > session.sessionEnds) return;
		const { cardId } = submission.intent;
		submission.removal = "tried";
		const input = { session, cardId };
		const gone = await insist(cluster, `${cardId} is removed`, (ctx) => removeCard({ ctx: asRequest(cluster, ctx), input }));
		if (gone && "answer" in gone) {
			submission.removal = "acknowledged";
			this.#counts.removed += 1;
		} else this.#check(session, gone?.problem, ...(isForgotten(cluster, cardId) ? ["not_found"] : []));
	}

	#check(person: Person, problem: string | undefined, ...rightly: string[]): void {
		if (problem === undefined || problem === "unavailable" || rightly.includes(problem)) return;
		if (problem === "session_revoked" && person.mayHear.has(problem)) return;
		this.#wrongAnswers.push(`a customer who is ${person.kind} was answered ${problem}`);
	}

	/** Whose key was retired loads the page again, and enters the card once more. */
	atCron(cluster: Cluster): void {
		if (this.#overMonths) return;
		for (const { id } of cluster.rows<{ id: string }>("customer", selectRetired)) {
			const submission = this.#submissions.get(id);
			const person = this.#people.find(({ customerId }) => customerId === submission?.intent.customerId);
			if (!submission || !person || this.#again.has(id) || submission.intent.kid === cluster.cardKeys.current) continue;
			this.#again.add(id);
			this.#counts.again += 1;
			void this.#enters(cluster, person, submission.card);
		}
	}

	isBusy(cluster: Cluster): boolean {
		return this.#rotations?.isBusy ?? cluster.cardKeys.keks.length > 1;
	}

	always(cluster: Cluster): string[] {
		if (this.#overMonths && this.#looks++ % 8 > 0) return [];
		const numbers = !this.#overMonths && this.#looks++ % 10 === 0 ? numbersInTheClear(cluster, this.#typed()) : [];
		return [...cardsAtEveryMoment(cluster), ...numbers];
	}

	#typed(): Set<string> {
		return new Set([...this.#submissions.values()].map(({ card }) => card.pan));
	}

	violations(cluster: Cluster): string[] {
		const keyEnds = this.#rotations?.ends ?? new Map();
		for (const { state } of cluster.rows<{ state: string }>("billing", "select state from card_ends")) {
			if (state === "verified" || state === "rejected") this.#counts[state] += 1;
		}
		const count = (text: string) => cluster.rows<unknown>("billing", text).length;
		this.#counts.replaced = count("select 1 from card_ends where replaced_by is not null");
		this.#counts.rewrapped = count("select 1 from rewrapped");
		return [
			...this.#wrongAnswers,
			...(this.#rotations?.isBusy ? ["a card is still under a key-encryption key that was replaced"] : []),
			...cardsInTheEnd(cluster, { submissions: this.#submissions, keyEnds }),
			...numbersInTheClear(cluster, this.#typed()),
		];
	}

	/** What people see in their lists is what they were told, and the vault opens. */
	async afterwards(cluster: Cluster): Promise<string[]> {
		const found: string[] = [];
		for (const { customerId } of this.#people) {
			const input = { customerId, cursor: "", limit: 100 };
			const seen = await cluster.request("customer", "a look at the cards", (ctx) => listCards({ ctx, input }));
			const listed = new Set("answer" in seen ? seen.answer.items.map(({ id }) => id) : []);
			const expected = cluster
				.rows<{ id: string; customer_id: string }>(
					"customer",
					"select id, customer_id from cards where state not in ('open', 'removed')",
				)
				.filter((row) => row.customer_id === customerId);
			if (listed.size !== expected.length || expected.some(({ id }) => !listed.has(id))) {
				found.push(`${customerId} sees other cards`);
			}
		}
		return [...found, ...(await unopened(cluster, this.#submissions))];
	}

	checked() {
		const { cardKeys = 0, hurried = 0, keks = 0, keksGone = 0 } = this.#rotations?.counts ?? {};
		return {
			"acknowledged cards": this.#counts.acknowledged,
			"verified cards, in the vault": this.#counts.verified,
			"rejected cards, for the right reason": this.#counts.rejected,
			"cards whose place another one took": this.#counts.replaced,
			"acknowledged removals of cards": this.#counts.removed,
			"intents that ran out": this.#counts.ranOut,
			"card keys replaced": cardKeys,
			"card keys that had to go at once": hurried,
			"cards entered again because of that": this.#counts.again,
			"key-encryption keys replaced": keks,
			"cards re-wrapped": this.#counts.rewrapped,
			"key-encryption keys that are no more": keksGone,
		};
	}
}

const pause = ({ world }: Cluster, duration: number) => new Promise<void>((resolve) => world.after(duration, resolve));

function verifiedOf({ deployments }: Cluster, { customerId }: Person): string[] {
	const database = deployments.customer.databases.get(customerId.slice(4, 6));
	const text = "select id from cards where customer_id = ? and state = 'verified' order by id";
	return (database?.all<{ id: string }>(text, customerId) ?? []).map(({ id }) => id);
}
