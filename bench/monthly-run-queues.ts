import { type QueueSettings, queuesOf } from "../shared/events/queues.ts";
import type { Topology, WorkerName } from "../shared/events/topology.ts";
import type { World } from "../test/simulation/world.ts";
import type { Tally } from "./monthly-run-tally.ts";

/** Milliseconds that a message is on its way. */
const onItsWay = 50;
/** Bytes of an operation: https://developers.cloudflare.com/queues/platform/pricing/ */
const operation = 64_000;

interface Queue extends QueueSettings {
	readonly ready: string[];
	/** Messages that are on their way, and batches that are being worked on. */
	underway: number;
	atWork: number;
	/** Whether a batch that is not full waits for its time. */
	waiting: boolean;
}

/** Gives the messages of a batch that are to come again. */
type Consume = (worker: WorkerName, queue: string, texts: readonly string[]) => Promise<readonly string[]>;

/** Queues as they are meant to be: a batch is handed over when it is full or its time has come, to as many consumers as there may be. */
export class Queues {
	readonly #queues: ReadonlyMap<string, Queue>;
	readonly #world: World;
	readonly #tally: Tally;
	readonly #consume: Consume;

	constructor(world: World, tally: Tally, topology: Topology, consume: Consume) {
		this.#world = world;
		this.#tally = tally;
		this.#consume = consume;
		const settings = Object.entries(queuesOf(topology));
		this.#queues = new Map(
			settings.map(([name, queue]) => [name, { ...queue, ready: [], underway: 0, atWork: 0, waiting: false }]),
		);
	}

	/** Nothing is in a queue, on its way, or being worked on. */
	get isEmpty(): boolean {
		return [...this.#queues.values()].every(({ ready, underway, atWork }) => ready.length + underway + atWork === 0);
	}

	send(name: string, texts: readonly string[]): void {
		if (texts.length > 100) throw new Error("sendBatch takes 100 messages");
		const queue = this.#of(name);
		const tally = this.#tally.queue(name);
		for (const text of texts) {
			const bytes = Buffer.byteLength(text);
			tally.messages += 1;
			tally.operations += 3 * Math.ceil(bytes / operation); // written, read, deleted
			tally.largestMessage = Math.max(tally.largestMessage, bytes);
		}
		this.#put(name, queue, texts, onItsWay);
	}

	#put(name: string, queue: Queue, texts: readonly string[], delay: number): void {
		queue.underway += texts.length;
		this.#world.after(delay, () => {
			queue.underway -= texts.length;
			queue.ready.push(...texts);
			const tally = this.#tally.queue(name);
			tally.longest = Math.max(tally.longest, queue.ready.length);
			this.#handOver(name, queue);
		});
	}

	#handOver(name: string, queue: Queue): void {
		while (queue.atWork < queue.maxConcurrency && queue.ready.length >= queue.maxBatchSize) this.#work(name, queue);
		if (queue.waiting || queue.ready.length === 0 || queue.atWork >= queue.maxConcurrency) return;
		queue.waiting = true;
		this.#world.after(queue.maxBatchTimeout * 1000, () => {
			queue.waiting = false;
			if (queue.ready.length > 0 && queue.atWork < queue.maxConcurrency) this.#work(name, queue);
			this.#handOver(name, queue);
		});
	}

	#work(name: string, queue: Queue): void {
		const texts = queue.ready.splice(0, queue.maxBatchSize);
		this.#tally.queue(name).batches += 1;
		queue.atWork += 1;
		void this.#consume(queue.consumer, name, texts).then((again) => {
			queue.atWork -= 1;
			this.#tally.queue(name).operations += again.length; // read once more
			if (again.length > 0) this.#put(name, queue, again, queue.retryDelay * 1000);
			this.#handOver(name, queue);
		});
	}

	#of(name: string): Queue {
		const queue = this.#queues.get(name);
		if (!queue) throw new Error(`no queue ${name}`);
		return queue;
	}
}
