import type { WorkerName } from "../../shared/events/topology.ts";
import { minutes } from "../../shared/time.ts";
import { readToken } from "./fake-signer.ts";

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

	/** A Worker notes an event in its inbox. It takes nothing that was not addressed to it. */
	stored(worker: WorkerName, id: string): void {
		if (!this.#delivered.has(`${worker} ${id}`)) this.violations.add(`${worker} has stored ${id}, which nobody sent to it`);
	}
}
