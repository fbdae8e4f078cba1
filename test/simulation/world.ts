import { Random } from "../../shared/testing/random.ts";

interface Planned {
	readonly at: number;
	readonly order: number;
	readonly run: () => void;
}

/** Virtual time: what is planned runs in the order of its time, and all that it sets off runs before the next. */
export class World {
	now: number;
	readonly random: Random;
	/** What happened, in words; kept only when somebody is going to read it. */
	readonly trace: string[] | undefined;
	readonly #start: number;
	readonly #planned: Planned[] = [];
	#order = 0;

	constructor(seed: number, { tracing = false } = {}) {
		this.random = new Random(seed);
		this.#start = Date.UTC(2026, 0, 1);
		this.now = this.#start;
		this.trace = tracing ? [] : undefined;
	}

	/** A line of the trace. `what` is a function, so that nothing is built for nobody. */
	say(what: () => string): void {
		if (!this.trace) return;
		const passed = new Date(this.now - this.#start).toISOString();
		const days = Math.floor((this.now - this.#start) / 86_400_000);
		this.trace.push(`day ${String(days).padStart(2)} ${passed.slice(11, 23)}  ${what()}`);
	}

	/** Plans something for `delay` milliseconds from now. Clocks have whole milliseconds. */
	after(delay: number, run: () => void): void {
		this.at(this.now + Math.max(0, Math.round(delay)), run);
	}

	at(time: number, run: () => void): void {
		const heap = this.#planned;
		const item = { at: time, order: this.#order++, run };
		let index = heap.push(item) - 1;
		while (index > 0) {
			const parent = (index - 1) >> 1;
			const above = heap[parent];
			if (!above || !isBefore(item, above)) break;
			heap[index] = above;
			index = parent;
		}
		heap[index] = item;
	}

	/** Lets time pass until `time`. Everything between two planned things is microtasks: no real time, no real threads. */
	async runFor(duration: number): Promise<void> {
		const time = this.now + Math.round(duration);
		for (let next = this.#planned[0]; next && next.at <= time; next = this.#planned[0]) {
			this.#removeFirst();
			this.now = Math.max(this.now, next.at);
			next.run();
			await new Promise((resolve) => setImmediate(resolve));
		}
		this.now = Math.max(this.now, time);
	}

	#removeFirst(): void {
		const heap = this.#planned;
		const last = heap.pop();
		if (!last || heap.length === 0) return;
		let index = 0;
		for (;;) {
			const left = heap[2 * index + 1];
			const right = heap[2 * index + 2];
			const child = left && right && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
			const below = heap[child];
			if (!below || !isBefore(below, last)) break;
			heap[index] = below;
			index = child;
		}
		heap[index] = last;
	}
}

const isBefore = (a: Planned, b: Planned) => a.at < b.at || (a.at === b.at && a.order < b.order);
