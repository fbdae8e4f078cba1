import { destinations, type Topology, type WorkerName } from "./topology.ts";

export interface QueueSettings {
	readonly consumer: WorkerName;
	readonly maxBatchSize: number;
	/** Seconds. */
	readonly maxBatchTimeout: number;
	readonly maxRetries: number;
	/** Seconds until a message that was not stored is delivered again. */
	readonly retryDelay: number;
	readonly maxConcurrency: number;
	/** A dead-letter queue has none. */
	readonly deadLetterQueue: string | null;
}

/** The receipts of everything that `producer` sent. */
export const receiptQueue = (producer: WorkerName) => `receipts-${producer}`;

export const deadLetterQueue = (consumer: WorkerName) => `dead-letters-${consumer}`;

/** The name of the binding through which a queue is sent to. */
export const queueBinding = (queue: string) => queue.toUpperCase().replaceAll("-", "_");

/**
 * Queues in which a Worker puts work for itself: pages of ids, to be done beside each other. They carry no events: what is
 * in them is looked up in D1 and believed from nowhere else.
 */
const ownQueues = { charges: "billing" } as const satisfies Readonly<Record<string, WorkerName>>;

/** Every queue that the events need: theirs, one of receipts a producer, one of dead letters a consumer. */
export function queuesOf({ events }: Topology): Record<string, QueueSettings> {
	const queues: Record<string, QueueSettings> = {};
	const add = (queue: string, consumer: WorkerName) => {
		const other = queues[queue]?.consumer ?? consumer;
		if (other !== consumer) throw new Error(`queue ${queue} has two consumers: ${other} and ${consumer}`);
		const deadLetters = deadLetterQueue(consumer);
		// 100 is the most that Cloudflare hands over at once; ten retries a minute apart, since only a failing database retries.
		const settings = { consumer, maxBatchSize: 100, maxBatchTimeout: 1, maxRetries: 10, retryDelay: 60, maxConcurrency: 10 };
		queues[queue] = { ...settings, deadLetterQueue: deadLetters };
		queues[deadLetters] = { ...settings, maxBatchTimeout: 5, maxConcurrency: 1, deadLetterQueue: null };
	};
	for (const event of Object.values(events)) {
		for (const [destination, queue] of destinations(event)) add(queue, destination);
		add(receiptQueue(event.from), event.from);
	}
	// one message is a page of work; few at once, for the payment provider's sake
	for (const [queue, worker] of Object.entries(ownQueues)) {
		add(queue, worker);
		queues[queue] = { ...(queues[queue] as QueueSettings), maxBatchSize: 1, maxBatchTimeout: 0, maxConcurrency: 5 }; // it was just added
	}
	return queues;
}

/** The queues that `worker` sends to: its events' and, for what it consumes, the producers' receipts. */
export function queuesSentBy({ events }: Topology, worker: WorkerName): string[] {
	const queues = Object.values(events).flatMap((event) => [
		...(event.from === worker ? destinations(event).map(([, queue]) => queue) : []),
		...(event.to[worker] ? [receiptQueue(event.from)] : []),
	]);
	const own = Object.entries(ownQueues).flatMap(([queue, owner]) => (owner === worker ? [queue] : []));
	return [...new Set([...queues, ...own])].sort();
}
