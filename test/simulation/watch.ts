import type { WorkerName } from "../../shared/events/topology.ts";
import { days, minutes } from "../../shared/time.ts";
import { readToken } from "./fake-signer.ts";

/** An inbox remembers for 60 days, to within a day. */
const memory = 59 * days;
const window = 10 * minutes;
/**
 * The first send, one as soon as its delay of two minutes is over, one after the next delay, and as much again for a
 * wake-up: there is one in ten minutes at most, which is how long a silence lasts at least.
 */
const mostSends = 6;

/** What must hold of every message, whatever the flow, as seen at the queues and the inboxes. */
export class Watch {
	readonly violations = new Set<string>();
	/** The latest sends of each event to each destination. */
	readonly #sends = new Map<string, number[]>();
	/** What has been delivered to the Worker that it was addressed to. */
	readonly #delivered = new Set<string>();
	/** When a Worker last dealt with an event, and how often it has noted it in its inbox. */
	readonly #arrived = new Map<string, number>();
	readonly #stored = new Map<string, number>();

	/** A Worker hands a message to a queue. An event is not sent more often than its schedule has it. */
	sent(text: string, now: number): void {
		const { audience, event } = readToken(text) ?? {};
		if (!event || event.type === "EventsReceived") return;
		const sends = (this.#sends.get(`${audience} ${event.id}`) ?? []).filter((at) => at > now - window);
		sends.push(now);
		this.#sends.set(`${audience} ${event.id}`, sends);
		if (sends.length > mostSends) {
			this.violations.add(`${event.id} was sent to ${audience} more than ${mostSends} times in ten minutes`);
		}
	}

	delivered(worker: WorkerName, text: string): void {
		const { audience, event } = readToken(text) ?? {};
		if (event && audience === worker) this.#delivered.add(`${worker} ${event.id}`);
	}

	/** A Worker has dealt with an event that stands in its inbox. */
	arrived(worker: WorkerName, id: string, now: number): void {
		this.#arrived.set(`${worker} ${id}`, now);
	}

	/**
	 * A Worker notes an event in its inbox. It takes nothing that was not addressed to it, and nothing a second time
	 * unless its inbox may have forgotten it: 60 days after it last came.
	 */
	stored(worker: WorkerName, id: string, now: number): void {
		const key = `${worker} ${id}`;
		const times = this.timesStored(worker, id) + 1;
		this.#stored.set(key, times);
		if (!this.#delivered.has(key)) this.violations.add(`${worker} has stored ${id}, which nobody sent to it`);
		const forgotten = now - (this.#arrived.get(key) ?? now) > memory;
		if (times > 1 && !forgotten) this.violations.add(`${worker} has stored ${id} again, which it has seen not long ago`);
		this.#arrived.set(key, now);
	}

	/** A Worker's inbox forgets an event: not before 60 days after it last came. */
	forgotten(worker: WorkerName, id: string, now: number): void {
		const sinceThen = now - (this.#arrived.get(`${worker} ${id}`) ?? now);
		if (sinceThen <= memory) this.violations.add(`${worker} has forgotten ${id}, which came not long ago`);
	}

	/** A Worker's database was put back: it knows nothing of what came since, nor that anything has come once more. */
	putBack(worker: WorkerName, inbox: readonly { readonly id: string; readonly received_at: number }[]): void {
		for (const key of this.#stored.keys()) if (key.startsWith(`${worker} `)) this.#stored.delete(key);
		for (const { id, received_at } of inbox) this.#arrived.set(`${worker} ${id}`, received_at);
	}

	timesStored(worker: WorkerName, id: string): number {
		return this.#stored.get(`${worker} ${id}`) ?? 0;
	}
}
