import { createHash } from "node:crypto";
import type { Ctx, Databases } from "../../shared/context.ts";
import type { Topology, WorkerName } from "../../shared/events/topology.ts";
import { Problem, type ProblemCode } from "../../shared/http/problem.ts";
import { idOf, type Shard, shardOf } from "../../shared/ids.ts";
import type { LogFields } from "../../shared/log.ts";
import { onQueue, onScheduled, type Quantum } from "../../shared/quantum.ts";
import { Broker } from "./broker.ts";
import { fakeSigner, type KeyRing } from "./fake-signer.ts";
import { days, type Faults, hours, minutes, noFaults, type Window, type WindowKind } from "./faults.ts";
import type { SqliteDatabase, Wire } from "./sqlite-d1.ts";
import type { World } from "./world.ts";

/** One Worker as it is deployed at the moment. */
export interface Deployment {
	readonly quantum: Quantum;
	/** What this Worker's code says the topology is: a rollout changes one Worker before another. */
	topology: Topology;
	readonly databases: ReadonlyMap<Shard, SqliteDatabase>;
}

/** One invocation of a Worker. When it dies, nothing that it awaits ever comes back. */
export class Life {
	dead = false;
	readonly onDeath: (() => void)[] = [];
	end(): void {
		if (this.dead) return;
		this.dead = true;
		for (const told of this.onDeath) told();
	}
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
	readonly deployments: Readonly<Record<WorkerName, Deployment>>;
	readonly keys: KeyRing;
	readonly counts = { requests: 0, batches: 0, crons: 0, crashes: 0, refusals: 0, alarms: 0, deferrals: 0 };

	constructor(world: World, topology: Topology, deployments: Readonly<Record<WorkerName, Deployment>>) {
		this.world = world;
		this.deployments = deployments;
		this.broker = new Broker(world, this, topology);
		const workers = Object.keys(deployments) as WorkerName[]; // the keys are WorkerName by the type
		const knows = () => new Map(workers.map((worker) => [`${worker}-1`, worker]));
		this.keys = {
			signsWith: Object.fromEntries(workers.map((worker) => [worker, `${worker}-1`])) as KeyRing["signsWith"], // every worker is there
			knows: Object.fromEntries(workers.map((worker) => [worker, knows()])) as KeyRing["knows"],
		};
	}

	isAway(kind: WindowKind): boolean {
		return this.windows.some((window) => window.kind === kind && window.from <= this.world.now && this.world.now < window.to);
	}

	/** Rows of all shards of a Worker, read past all faults: for promises. */
	rows<Row>(worker: WorkerName, text: string): Row[] {
		return [...this.deployments[worker].databases.values()].flatMap((database) => database.all<Row>(text));
	}

	/** A request to a Worker, as its client sees it: answered, answered with a problem, or no answer that helps. */
	request<T>(worker: WorkerName, what: string, verb: (ctx: Ctx) => Promise<T>): Promise<Answer<T>> {
		this.counts.requests += 1;
		const life = new Life();
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
		if (this.isAway("cron silent") || (worker === "sysops" && this.isAway("sysops down"))) return;
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
		if (this.isAway(worker === "sysops" ? "sysops down" : "customer Worker consumes nothing")) {
			const outcome = this.world.random.pick(["retry", "hold", "hold", "hold"]); // it fails, or it is paused
			settle(() => outcome);
			return;
		}
		this.counts.batches += 1;
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
	ctx(worker: WorkerName, life: Life): Ctx {
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
				world.say(() => `${worker} ${level} ${message} ${JSON.stringify(fields)}`);
			};
		return {
			worker,
			topology: deployment.topology,
			now: () => world.now,
			randomBytes: (length) => random.bytes(length),
			digest: async (text) => createHash("sha256").update(text).digest(),
			signer: {
				sign: (payload, header) => this.#step(life, () => signer.sign(payload, header)),
				verify: (token) => this.#step(life, () => signer.verify(token)),
			},
			databases: this.#databases(worker, deployment, life),
			queue: (name) => ({ send: (texts) => this.#wire(life, worker)(`send to ${name}`, () => this.broker.send(name, texts)) }),
			resend: { maxDelay: 6 * hours, silentAfter: 10 * minutes },
			log: { info: log("info"), warn: log("warn"), alarm: log("alarm") },
			correlationId,
			traceparent: `00-${"0".repeat(31)}1-${"0".repeat(15)}1-01`,
			waitUntil: (work) => void work.catch(() => world.say(() => `${worker}: work after the answer failed`)),
		};
	}

	#databases(worker: WorkerName, { databases }: Deployment, life: Life): Databases {
		const through = new Map(
			[...databases].map(([shard, database]) => [shard, database.through(this.#wire(life, `${worker} ${shard}`))]),
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

	/** Between two awaits an isolate may die. */
	async #step<T>(life: Life, work: () => Promise<T>): Promise<T> {
		const died = this.world.random.chance(this.faults.crash / 4);
		if (died) this.#crash(life, "between two awaits");
		if (life.dead) return new Promise(() => {});
		return work();
	}

	/** Every call that leaves the isolate: it takes time, may be refused, may lose its answer, and around it one may die. */
	#wire(life: Life, from: string): Wire {
		const { world } = this;
		const { random } = world;
		return (what, apply) => {
			if (life.dead) return new Promise(() => {});
			return new Promise((resolve, reject) => {
				const deliver = () => {
					const underway = life.dead; // its caller is gone: it may arrive all the same
					if (underway && random.chance(0.5)) return;
					if (!underway && random.chance(this.faults.crash)) return this.#crash(life, `${from} before ${what}`);
					if (random.chance(this.faults.refuse) || (!what.startsWith("send") && this.isAway("database refuses"))) {
						this.counts.refusals += 1;
						world.say(() => `${from}: ${what} is refused`);
						return reject(new Error("refused"));
					}
					let result: ReturnType<typeof apply>;
					try {
						result = apply();
					} catch (error) {
						world.say(() => `${from}: ${what} fails: ${error}`);
						return reject(error);
					}
					if (underway) return;
					if (random.chance(this.faults.lost)) {
						world.say(() => `${from}: ${what} is done, its answer lost`);
						return reject(new Error("answer lost"));
					}
					if (random.chance(this.faults.crash)) return this.#crash(life, `${from} after ${what}`);
					world.after(random.between(1, 20), () => life.dead || resolve(result));
				};
				world.after(random.between(1, 30), deliver);
			});
		};
	}

	#crash(life: Life, where: string): void {
		this.counts.crashes += 1;
		this.world.say(() => `crash: ${where}`);
		life.end();
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
}
