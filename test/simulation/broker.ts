import { type QueueSettings, queuesOf, receiptQueue } from "../../shared/events/queues.ts";
import type { Topology } from "../../shared/events/topology.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import type { Cluster, Settled } from "./cluster.ts";
import { forge, readToken } from "./fake-signer.ts";
import type { World } from "./world.ts";

/** Cloudflare keeps a message for four days unless told otherwise. */
const retention = 4 * days;

interface Message {
	readonly id: string;
	readonly text: string;
	readonly sentAt: number;
	attempts: number;
}

interface Queue extends QueueSettings {
	readonly ready: Message[];
	deliveryPlanned: boolean;
}

/** Queues as bad as they may be: at least once, in any order, late, and now and then not at all. */
export class Broker {
	readonly counts = {
		sent: 0,
		dropped: 0,
		duplicated: 0,
		late: 0,
		expired: 0,
		forged: 0,
		misdirected: 0,
		dead: 0,
		redelivered: 0,
	};
	/** Messages that are in a queue or on their way. */
	underway = 0;
	/** Told of whatever is sent, before anything happens to it. */
	readonly onSend: ((queue: string, text: string) => void)[] = [];
	readonly #queues: ReadonlyMap<string, Queue>;
	readonly #world: World;
	readonly #cluster: Cluster;
	#messages = 0;

	constructor(world: World, cluster: Cluster, topology: Topology) {
		this.#world = world;
		this.#cluster = cluster;
		const settings = Object.entries(queuesOf(topology));
		this.#queues = new Map(settings.map(([name, queue]) => [name, { ...queue, ready: [], deliveryPlanned: false }]));
	}

	send(queue: string, texts: readonly string[]): void {
		if (texts.length > 100) throw new Error("sendBatch takes 100 messages");
		const { random } = this.#world;
		const { drop, duplicate, late, forge: forged } = this.#cluster.faults;
		for (const text of texts) {
			this.counts.sent += 1;
			this.#cluster.watch.sent(text, this.#world.now);
			for (const told of this.onSend) told(queue, text);
			if (random.chance(forged)) this.#intrude(queue, text);
			if (random.chance(drop)) {
				this.counts.dropped += 1;
				continue;
			}
			this.#put(queue, text, random.chance(late));
			if (random.chance(duplicate)) {
				this.counts.duplicated += 1;
				this.#put(queue, text, random.chance(0.5));
			}
		}
	}

	/**
	 * Somebody with access to the account, but without the keys, sends what could do most harm: a changed message, a false
	 * receipt, and the message as it is to a Worker that it is not for. Where a Worker writes to itself: the same work again at
	 * another time, and work that there is not.
	 */
	#intrude(queue: string, text: string): void {
		this.counts.forged += 1;
		if (!readToken(text)) {
			this.#put(queue, text, true);
			this.#put(queue, text.replaceAll('"fromAt":', '"fromAt":1'), false);
			return;
		}
		this.#put(
			queue,
			forge(text, (payload) => payload.replaceAll('"text":"', '"text":"forged: ')),
			false,
		);
		const { audience, event } = readToken(text) ?? {};
		if (!audience || !event || event.type === "EventsReceived") return;
		this.#put(
			receiptQueue(event.source),
			forge(text, () => falseReceipt(event.id, audience)),
			false,
		);
		const others = [...this.#queues].filter(([, { consumer, deadLetterQueue }]) => deadLetterQueue && consumer !== audience);
		const [elsewhere] = others[this.#world.random.between(0, others.length)] ?? [];
		if (!elsewhere) return;
		this.counts.misdirected += 1;
		this.#put(elsewhere, text, false);
	}

	#put(name: string, text: string, late: boolean): void {
		const { random } = this.#world;
		const message = { id: `m${this.#messages++}`, text, sentAt: this.#world.now, attempts: 0 };
		if (late) this.counts.late += 1;
		this.underway += 1;
		const delay = late ? random.pick([random.between(0, hours), random.between(0, 2 * days), random.between(0, 16 * days)]) : 0;
		this.#arrive(name, message, delay + random.between(5, 1500));
	}

	#arrive(name: string, message: Message, delay: number): void {
		const queue = this.#queues.get(name);
		if (!queue) throw new Error(`no queue ${name}`);
		this.#world.after(delay, () => {
			queue.ready.push(message);
			if (queue.deliveryPlanned) return;
			queue.deliveryPlanned = true;
			this.#world.after(queue.maxBatchTimeout * 1000, () => this.#deliver(name, queue));
		});
	}

	#deliver(name: string, queue: Queue): void {
		queue.deliveryPlanned = false;
		const fresh = queue.ready.splice(0).filter((message) => {
			const kept = this.#world.now - message.sentAt <= retention;
			if (!kept) this.#gone("expired");
			return kept;
		});
		while (fresh.length > 0) {
			const messages = fresh.splice(0, this.#world.random.between(1, queue.maxBatchSize + 1));
			const settle = (outcome: (id: string) => Settled) => {
				for (const message of messages) this.#settle(name, queue, message, outcome(message.id));
			};
			this.#cluster.deliver(queue.consumer, name, messages, settle);
		}
	}

	#settle(name: string, queue: Queue, message: Message, outcome: Settled): void {
		const { random } = this.#world;
		if (outcome === "ack") this.#gone();
		else if (outcome === "hold") this.#arrive(name, message, random.between(hours, 12 * hours));
		else this.#again(name, queue, message);
	}

	#again(name: string, queue: Queue, message: Message): void {
		message.attempts += 1;
		this.counts.redelivered += 1;
		if (message.attempts <= queue.maxRetries) {
			this.#arrive(name, message, this.#world.random.between(5000, 30 * minutes));
			return;
		}
		this.#gone("dead");
		if (queue.deadLetterQueue) this.#put(queue.deadLetterQueue, message.text, false);
	}

	#gone(why?: "expired" | "dead"): void {
		this.underway -= 1;
		if (why) this.counts[why] += 1;
	}
}

function falseReceipt(id: string, source: string): string {
	const receipts = [{ verdict: "accepted", id, correlationId: "forged", traceparent: "forged" }];
	const event = { specversion: "1.0", id, source, type: "EventsReceived", time: "2026-01-01T00:00:00.000Z" };
	const schema = { dataschema: "urn:sysops-squad:EventsReceived:1", correlationid: "forged", traceparent: "forged" };
	return JSON.stringify({ ...event, ...schema, data: { receipts } });
}
