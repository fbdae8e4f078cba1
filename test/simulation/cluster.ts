import { createHash } from "node:crypto";
import type { Databases } from "../../shared/context.ts";
import type { FeedPage } from "../../shared/contracts/feed.ts";
import { receiptQueue } from "../../shared/events/queues.ts";
import type { Topology, WorkerName } from "../../shared/events/topology.ts";
import { Problem, type ProblemCode } from "../../shared/http/problem.ts";
import { idOf, type Shard, shardOf } from "../../shared/ids.ts";
import type { LogFields } from "../../shared/log.ts";
import { onQueue, onScheduled, type Quantum } from "../../shared/quantum.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import { readFeed } from "../../workers/sysops/contracts/read-feed.ts";
import { Broker } from "./broker.ts";
import { type CardKeyRing, fakeCardKeys, fakeVault, newCardKeyRing } from "./fake-cards.ts";
import { ObjectHost } from "./fake-objects.ts";
import { fakePayments, Ledger } from "./fake-payments.ts";
import { fakeSigner, type KeyRing } from "./fake-signer.ts";
import { fakeSurveyTokens } from "./fake-survey-tokens.ts";
import { type Faults, noFaults, type Window } from "./faults.ts";
import { Post } from "./post.ts";
import type { SimulatedCtx } from "./quanta.ts";
import type { SqliteDatabase } from "./sqlite-d1.ts";
import { Watch } from "./watch.ts";
import { type DatabaseCall, Life, step, wire } from "./wire.ts";
import type { World } from "./world.ts";

/** What a Worker logs of an event that stands in its inbox. */
const dealtWith = ["event_stored", "event_without_effect", "event_rejected"];

const seller = {
	name: "Penultimate Electronics",
	street: "1 Repair Way",
	postalCode: "10115",
	city: "Berlin",
	country: "DE",
	taxId: "DE000000000",
	email: "billing@penultimate.example",
};

/** One Worker as it is deployed at the moment. */
export interface Deployment {
	readonly quantum: Quantum<SimulatedCtx>;
	/** What this Worker's code says the topology is: a rollout changes one Worker before another. */
	topology: Topology;
	readonly databases: ReadonlyMap<Shard, SqliteDatabase>;
}

/** What becomes of a message: done, delivered again as a failure, or kept for later without one. */
export type Settled = "ack" | "retry" | "hold";

export type Answer<T> = { answer: T } | { problem: ProblemCode } | { failed: true };

/** All Workers, their databases and queues, in one virtual world with faults. */
export class Cluster {
	faults: Faults = noFaults;
	windows: readonly Window[] = [];
	readonly world: World;
	readonly broker: Broker;
	readonly watch = new Watch();
	readonly post = new Post();
	/** What the payment provider has done. */
	readonly ledger = new Ledger();
	readonly objects = new ObjectHost(this);
	/** What every Worker comes to say the topology is, once everything is deployed. */
	newest: Topology;
	readonly deployments: Readonly<Record<WorkerName, Deployment>>;
	readonly keys: KeyRing;
	readonly cardKeys: CardKeyRing = newCardKeyRing();
	readonly counts = {
		requests: 0,
		batches: 0,
		crons: 0,
		crashes: 0,
		refusals: 0,
		alarms: 0,
		deferrals: 0,
		damages: 0,
		restores: 0,
	};

	constructor(world: World, topology: Topology, deployments: Readonly<Record<WorkerName, Deployment>>) {
		this.world = world;
		this.deployments = deployments;
		this.newest = topology;
		this.broker = new Broker(world, this, topology);
		const workers = Object.keys(deployments) as WorkerName[]; // the keys are WorkerName by the type
		for (const worker of workers) {
			const stored = (id: unknown) => this.watch.stored(worker, String(id), world.now);
			const forgotten = (id: unknown) => this.watch.forgotten(worker, String(id), world.now);
			for (const database of deployments[worker].databases.values()) {
				database.watch("insert", "inbox", "new.id", stored);
				database.watch("delete", "inbox", "old.id", forgotten);
			}
		}
		const knows = () => new Map(workers.map((worker) => [`${worker}-1`, worker]));
		this.keys = {
			signsWith: Object.fromEntries(workers.map((worker) => [worker, `${worker}-1`])) as KeyRing["signsWith"], // every worker is there
			knows: Object.fromEntries(workers.map((worker) => [worker, knows()])) as KeyRing["knows"],
		};
	}

	/** Is it such a time, for this Worker or for all? */
	isAway(kind: Window["kind"], worker?: WorkerName): boolean {
		const { now } = this.world;
		return this.windows.some(
			(window) => window.kind === kind && window.worker === worker && window.from <= now && now < window.to,
		);
	}

	/** Rows of all shards of a Worker, read past all faults: for promises. */
	rows<Row>(worker: WorkerName, text: string): Row[] {
		return [...this.deployments[worker].databases.values()].flatMap((database) => database.all<Row>(text));
	}

	/** A request to a Worker, as its client sees it: answered, answered with a problem, or no answer that helps. */
	request<T>(worker: WorkerName, what: string, verb: (ctx: SimulatedCtx) => Promise<T>, life = new Life()): Promise<Answer<T>> {
		this.counts.requests += 1;
		return new Promise((resolve) => {
			const tell = (answer: Answer<T>) => {
				life.onDeath.length = 0; // whatever happens after the answer is nothing to the client
				const heard: Answer<T> = this.world.random.chance(this.faults.answerLost) ? { failed: true } : answer;
				this.world.say(() => `${what}: ${JSON.stringify(answer)}${heard === answer ? "" : ", which nobody hears"}`);
				resolve(heard);
			};
			life.onDeath.push(() => resolve({ failed: true }));
			verb(this.ctx(worker, life)).then(
				(answer) => tell({ answer }),
				(error) => tell(error instanceof Problem ? { problem: error.code } : { failed: true }),
			);
		});
	}

	cron(worker: WorkerName, cron: string): void {
		if (this.isAway("cron silent") || this.isAway("down", worker)) return;
		this.counts.crons += 1;
		void onScheduled(this.deployments[worker].quantum, this.ctx(worker, new Life()), cron);
	}

	/** Hands messages to their consumer; `settle` is told once what became of each. */
	deliver(
		worker: WorkerName,
		queue: string,
		messages: readonly { id: string; text: string }[],
		settle: (outcome: (id: string) => Settled) => void,
	): void {
		const isPaused = { [receiptQueue(worker)]: "receipts paused", charges: "charges paused" } as const;
		const pause = isPaused[queue];
		const paused = pause !== undefined && this.isAway(pause, worker);
		if (paused || this.isAway("down", worker) || this.isAway("deaf", worker)) {
			const outcome = this.world.random.pick(["retry", "hold", "hold", "hold"]); // it fails, or it is paused
			settle(() => outcome);
			return;
		}
		this.counts.batches += 1;
		for (const { text } of messages) this.watch.delivered(worker, text);
		const retried = new Set<string>();
		const life = new Life();
		life.onDeath.push(() => settle(() => "retry"));
		const batch = messages.map(({ id, text }) => ({ id, body: text, ack() {}, retry: () => retried.add(id) }));
		onQueue(this.deployments[worker].quantum, this.ctx(worker, life), { queue, messages: batch }).then(
			() => !life.dead && settle((id) => (retried.has(id) ? "retry" : "ack")),
			() => !life.dead && settle(() => "retry"),
		);
	}

	/** The ports of one invocation: the product's own, with this world behind them. */
	ctx(worker: WorkerName, life: Life): SimulatedCtx {
		const { world } = this;
		const { random } = world;
		const deployment = this.deployments[worker];
		const signer = fakeSigner(worker, this.keys);
		const correlationId = idOf("req", "00", random.bytes(16));
		const log =
			(level: string) =>
			(message: string, fields: LogFields = {}) => {
				if (level === "alarm") this.counts.alarms += 1;
				if (message === "event_deferred") this.counts.deferrals += 1;
				if (fields.eventId && dealtWith.includes(message)) this.watch.arrived(worker, String(fields.eventId), world.now);
				world.say(() => `${worker} ${level} ${message} ${JSON.stringify(fields)}`);
			};
		const sendOut = wire(this, life, worker, "mail refused");
		const cardKeys = fakeCardKeys(this.cardKeys);
		const vault = fakeVault(this.cardKeys);
		return {
			worker,
			topology: deployment.topology,
			now: () => world.now,
			randomBytes: (length) => random.bytes(length),
			digest: async (text) => createHash("sha256").update(text).digest(),
			signer: {
				sign: (payload, header) => step(this, life, () => signer.sign(payload, header)),
				verify: (token) => step(this, life, () => signer.verify(token)),
			},
			databases: this.#databases(worker, deployment, life),
			queue: (name) => ({ send: (texts) => wire(this, life, worker)(`send to ${name}`, () => this.broker.send(name, texts)) }),
			resend: { maxDelay: 6 * hours, silentAfter: 10 * minutes },
			log: { info: log("info"), warn: log("warn"), alarm: log("alarm") },
			correlationId,
			traceparent: `00-${"0".repeat(31)}1-${"0".repeat(15)}1-01`,
			contractFeed: { page: (input) => this.#feedPage(worker, life, input) },
			surveyTokens: fakeSurveyTokens,
			cardKeys: { open: (jwe) => step(this, life, () => cardKeys.open(jwe)) },
			vault: {
				...vault,
				get kekId() {
					return vault.kekId;
				},
				seal: (secret, owner) => step(this, life, () => vault.seal(secret, owner)),
				open: (sealed, owner) => step(this, life, () => vault.open(sealed, owner)),
				rewrap: (sealed, owner) => step(this, life, () => vault.rewrap(sealed, owner)),
				fingerprint: (pan, customerId) => step(this, life, () => vault.fingerprint(pan, customerId)),
			},
			payments: fakePayments(this, wire(this, life, worker, "provider away")),
			terms: { chargeDelay: 24 * hours, lease: 15 * minutes, seller, taxRates: { north: 1900, south: 700 } },
			deliveries: this.objects.reachedBy(life),
			mail: { send: ({ notificationId: id = "", ...mail }) => sendOut("an e-mail", () => this.post.take({ ...mail, id, life })) },
			sms: { send: (message) => sendOut("a text message", () => this.post.take({ ...message, life })) },
			origin: "https://customer.test",
			waitUntil: (work) => void work.catch(() => world.say(() => `${worker}: work after the answer failed`)),
		};
	}

	/** The one synchronous call between Workers: it fails when sysops is down, and what it brings may be damaged. */
	async #feedPage(worker: WorkerName, life: Life, input: { after: number }): Promise<unknown> {
		const call = wire(this, life, worker);
		await call("call of the feed", () => {
			if (this.isAway("down", "sysops")) throw new Error("sysops is down");
		});
		const answer = await this.request("sysops", "page of the feed", (ctx) => readFeed({ ctx, input }));
		if (!("answer" in answer)) throw new Error("the feed does not answer");
		return call("answer of the feed", () =>
			this.world.random.chance(this.faults.damage) ? this.#damage(answer.answer) : answer.answer,
		);
	}

	/** A version is missing, or costs something else. */
	#damage(page: FeedPage): FeedPage {
		const { random } = this.world;
		const versions = structuredClone(page.versions);
		const at = random.between(0, versions.length);
		const version = versions[at];
		if (!version) return page;
		this.counts.damages += 1;
		if (random.chance(0.5)) versions.splice(at, 1);
		else version.terms.price.amountMinor += 1;
		this.world.say(() => `damaged on its way: ${version.contractId} ${version.version}`);
		return { ...page, versions };
	}

	#databases(worker: WorkerName, { databases }: Deployment, life: Life): Databases {
		const { calls } = life;
		const count = calls && ((call: DatabaseCall) => void calls.push(call));
		const through = new Map(
			[...databases].map(([shard, database]) => {
				const call = wire(this, life, `${worker} ${shard}`, "database refuses");
				return [shard, database.through(call, count)];
			}),
		);
		return {
			shards: [...databases.keys()],
			locate: (id) => (databases.size === 1 ? "00" : databases.has(shardOf(id)) ? shardOf(id) : undefined),
			get(shard) {
				const database = through.get(shard);
				if (!database) throw new Error(`no database for shard ${shard}`);
				return database;
			},
		};
	}

	/** The producer signs with a new key at once; the others learn of it later, and forget the old one after 60 days. */
	rotateKey(producer: WorkerName, knownAfter: number): void {
		const old = this.keys.signsWith[producer];
		const kid = `${producer}-${Number(old.split("-")[1]) + 1}`;
		this.keys.signsWith[producer] = kid;
		this.world.say(() => `${producer} signs with ${kid} from now on`);
		for (const known of Object.values(this.keys.knows)) {
			this.world.after(knownAfter, () => known.set(kid, producer));
			this.world.after(60 * days, () => known.delete(old));
		}
	}

	/** The producer says something newer at once; the others are deployed later. */
	rollOut(topology: Topology, producer: WorkerName, deployedAfter: () => number): void {
		this.newest = topology;
		for (const [worker, deployment] of Object.entries(this.deployments)) {
			const deploy = () => {
				deployment.topology = topology;
			};
			if (worker === producer) deploy();
			else this.world.after(deployedAfter(), deploy);
		}
	}

	/** All faults end; whoever waits for a deploy or a key gets it. */
	heal(): void {
		this.world.say(() => "all faults end");
		this.faults = noFaults;
		this.windows = [];
		for (const known of Object.values(this.keys.knows)) {
			for (const [worker, kid] of Object.entries(this.keys.signsWith)) known.set(kid, worker as WorkerName); // its keys are
		}
		for (const deployment of Object.values(this.deployments)) deployment.topology = this.newest;
	}
}
