import { createHash } from "node:crypto";
import { join } from "node:path";
import type { SQLInputValue } from "node:sqlite";
import { migrationsOf, readMigrations } from "../scripts/migrations.ts";
import { topology, type WorkerName } from "../shared/events/topology.ts";
import { idOf } from "../shared/ids.ts";
import { pruneCron, relayCron } from "../shared/messaging/schedule.ts";
import { onQueue, onScheduled } from "../shared/quantum.ts";
import { hours, minutes } from "../shared/time.ts";
import { fakeCardKeys, fakeVault, newCardKeyRing } from "../test/simulation/fake-cards.ts";
import { fakeSigner, type KeyRing } from "../test/simulation/fake-signer.ts";
import { fakeSurveyTokens } from "../test/simulation/fake-survey-tokens.ts";
import { quanta, type SimulatedCtx, shardsOf } from "../test/simulation/quanta.ts";
import { SqliteDatabase } from "../test/simulation/sqlite-d1.ts";
import type { Wire } from "../test/simulation/wire.ts";
import { World } from "../test/simulation/world.ts";
import { paymentCron } from "../workers/billing/payments/schedule.ts";
import type { ChargeOutcome, PaymentProvider } from "../workers/billing/provider/provider.ts";
import { Objects } from "./monthly-run-objects.ts";
import { Queues } from "./monthly-run-queues.ts";
import { chargeDelay, declinedOnce, seed } from "./monthly-run-seed.ts";
import { type D1Tally, type Peaks, Tally } from "./monthly-run-tally.ts";

/** Who takes part; what the others do in a month has nothing to do with invoices. */
const workers = ["billing", "customer", "notification", "analytics"] as const satisfies readonly WorkerName[];
type Worker = (typeof workers)[number];

/** How long calls take, in milliseconds: assumed, not measured. */
const takes = { d1: 6, queue: 10, mail: 200 };

const seller = {
	name: "Penultimate Electronics",
	street: "1 Repair Way",
	postalCode: "10115",
	city: "Berlin",
	country: "DE",
	taxId: "DE000000000",
	email: "billing@penultimate.example",
};

/** Real SQLite, as D1 has it, that notes how large what is bound to a statement, and what it gives, gets. */
class CountedDatabase extends SqliteDatabase {
	tally: D1Tally | undefined;

	override all<Row>(text: string, ...values: SQLInputValue[]): Row[] {
		const rows = super.all<Row>(text, ...values);
		if (!this.tally) return rows;
		this.tally.largestPage = Math.max(this.tally.largestPage, rows.length);
		for (const value of values) {
			if (typeof value === "string") this.tally.largestValue = Math.max(this.tally.largestValue, Buffer.byteLength(value));
		}
		return rows;
	}
}

/** The product's own jobs with what they stand on, where nothing goes wrong: what a month of invoices asks of the platform. */
export class Month {
	readonly world = new World(1);
	readonly tally = new Tally();
	readonly databases: Readonly<Record<Worker, ReadonlyMap<string, CountedDatabase>>>;
	readonly objects: Objects;
	readonly #queues: Queues;
	readonly #cards = newCardKeyRing();
	/** Tokens that have been declined, until they are charged. */
	readonly #declined = new Set<string>();
	readonly #keys: KeyRing;

	readonly #providerTakes: number;

	/** In `folder`, or in memory. */
	constructor(folder?: string, { providerTakes = 1000 } = {}) {
		this.#providerTakes = providerTakes;
		const open = (worker: Worker): [Worker, ReadonlyMap<string, CountedDatabase>] => {
			const schema = readMigrations(migrationsOf(worker))
				.map(({ text }) => text)
				.join(";\n");
			const begun = `pragma journal_mode = memory; pragma synchronous = off;\n${schema}`;
			const path = (shard: string) => folder && join(folder, `${worker}-${shard}.sqlite`);
			return [worker, new Map(shardsOf(worker).map((shard) => [shard, new CountedDatabase(begun, path(shard))]))];
		};
		this.databases = Object.fromEntries(workers.map(open)) as Month["databases"]; // every one of `workers`
		const all = Object.keys(quanta) as WorkerName[]; // the keys are WorkerName by the type
		const knows = new Map(all.map((worker) => [`${worker}-1`, worker]));
		this.#keys = {
			signsWith: Object.fromEntries(all.map((worker) => [worker, `${worker}-1`])) as KeyRing["signsWith"], // every worker is there
			knows: Object.fromEntries(all.map((worker) => [worker, knows])) as KeyRing["knows"],
		};
		this.objects = new Objects(this.world, this.tally, () => this.#ctx("billing"));
		this.#queues = new Queues(this.world, this.tally, topology, (worker, queue, texts) => this.#consume(worker, queue, texts));
	}

	async seed(customers: number, spread: number): Promise<void> {
		await seed(this.databases, fakeVault(this.#cards), { customers, spread });
		for (const worker of workers) {
			for (const database of this.databases[worker].values()) database.tally = this.tally.worker(worker);
		}
	}

	/**
	 * Lets an hour pass, with every Cron Trigger of those who take part that has to do with events and payments. Those of a
	 * minute in which nothing waits anywhere find nothing: they are counted, and only those of the first minute run.
	 */
	async hour(): Promise<void> {
		for (let minute = 0; minute < 60; minute++) {
			for (const worker of workers) {
				if (minute > 0 && this.isQuiet) this.tally.cron(worker, relayCron);
				else this.#cron(worker, relayCron);
			}
			if (minute === 7) this.#cron("billing", paymentCron);
			if (minute === 17) for (const worker of workers) this.#cron(worker, pruneCron);
			const before = this.#sofar();
			await this.world.runFor(1 * minutes);
			this.tally.minute(before, this.#sofar());
		}
	}

	/** Nothing is underway. */
	get isQuiet(): boolean {
		return this.#queues.isEmpty && this.objects.left === 0;
	}

	#sofar(): Peaks {
		const { provider, emails, objects } = this.tally;
		return { charges: provider.charges, emails, alarms: objects.alarms, messages: this.tally.sumOfQueues("messages") };
	}

	/** A number that a statement gives of each shard, summed. */
	sum(worker: Worker, text: string): number {
		return [...this.databases[worker].values()].reduce(
			(sum, database) => sum + (database.all<{ n: number }>(text)[0]?.n ?? 0),
			0,
		);
	}

	close(): void {
		for (const worker of workers) for (const database of this.databases[worker].values()) database.close();
	}

	#cron(worker: Worker, cron: string): void {
		this.tally.cron(worker, cron);
		void onScheduled(quanta[worker], this.#ctx(worker), cron);
	}

	async #consume(worker: WorkerName, queue: string, texts: readonly string[]): Promise<readonly string[]> {
		if (!isWorker(worker)) throw new Error(`${queue}: ${worker} takes no part`);
		const again: string[] = [];
		const messages = texts.map((text, at) => ({ id: `${queue} ${at}`, body: text, ack() {}, retry: () => again.push(text) }));
		await onQueue(quanta[worker], this.#ctx(worker), { queue, messages });
		return again;
	}

	#wire(milliseconds: number): Wire {
		return (_, apply) =>
			new Promise((resolve, reject) => {
				this.world.after(milliseconds, () => {
					try {
						resolve(apply());
					} catch (error) {
						reject(error);
					}
				});
			});
	}

	/** The ports of one invocation. */
	#ctx(worker: Worker): SimulatedCtx {
		const { world, tally } = this;
		const trouble = (message: string, fields: object = {}) =>
			tally.troubles.push(`${worker} ${message} ${JSON.stringify(fields)}`);
		const mail = this.#wire(takes.mail);
		const vault = fakeVault(this.#cards);
		return {
			worker,
			topology,
			now: () => world.now,
			randomBytes: (length) => world.random.bytes(length),
			digest: async (text) => createHash("sha256").update(text).digest(),
			signer: fakeSigner(worker, this.#keys),
			databases: this.#databases(worker),
			queue: (name) => ({ send: (texts) => this.#wire(takes.queue)(name, () => this.#queues.send(name, texts)) }),
			resend: { maxDelay: 6 * hours, silentAfter: 10 * minutes },
			log: {
				info: (message, { count = 1 } = {}) => void tally.logged.set(message, (tally.logged.get(message) ?? 0) + Number(count)),
				warn: trouble,
				alarm: trouble,
			},
			correlationId: idOf("req", "00", world.random.bytes(16)),
			traceparent: `00-${"0".repeat(31)}1-${"0".repeat(15)}1-01`,
			contractFeed: { page: () => Promise.reject(new Error("nothing is replicated here")) },
			surveyTokens: fakeSurveyTokens,
			cardKeys: fakeCardKeys(this.#cards),
			vault,
			payments: this.#provider(),
			terms: { chargeDelay, lease: 15 * minutes, seller, taxRates: { south: 1900 } },
			deliveries: this.objects.deliveries,
			mail: { send: () => mail("an e-mail", () => this.#sent()) },
			sms: { send: () => Promise.reject(new Error("nobody is sent a text message here")) },
			origin: "https://customer.test",
			waitUntil: (work) => void work.catch((error) => trouble("work_failed", { error: String(error) })),
		};
	}

	#sent(): void {
		this.tally.emails += 1;
	}

	#databases(worker: Worker): SimulatedCtx["databases"] {
		const shards = this.databases[worker];
		const tally = this.tally.worker(worker);
		return {
			shards: [...shards.keys()],
			locate: (id) => (shards.size === 1 ? "00" : shards.has(id.slice(4, 6)) ? id.slice(4, 6) : undefined),
			get: (shard) => {
				const database = shards.get(shard);
				if (!database) throw new Error(`no database for shard ${shard}`);
				return database.through(this.#wire(takes.d1), ({ written }) => {
					tally.calls += 1;
					tally.changed += written;
				});
			},
		};
	}

	/** Every card is good; some are declined once. */
	#provider(): PaymentProvider {
		const call = this.#wire(this.#providerTakes);
		const never = () => Promise.reject(new Error("not asked for here"));
		return {
			register: never,
			refund: never,
			findRefund: never,
			charge: ({ attemptId, token }) => call("charge", () => this.#charge(attemptId, token)),
			findCharge: () =>
				call("look-up", () => {
					this.tally.provider.lookups += 1;
					return undefined; // it never has one
				}),
		};
	}

	#charge(attemptId: string, token: string): ChargeOutcome {
		this.tally.provider.charges += 1;
		if (token.startsWith(declinedOnce) && !this.#declined.delete(token)) {
			this.#declined.add(token);
			return { outcome: "declined", decline: { kind: "soft", reason: "insufficient_funds" } };
		}
		return { outcome: "approved", ref: `pi_${attemptId.slice(-24)}` };
	}
}

const isWorker = (name: WorkerName): name is Worker => workers.some((worker) => worker === name);
