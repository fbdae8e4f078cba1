/** The same seed, the same numbers: sfc32 (Chris Doty-Humphrey's small fast counting generator). */
export class Random {
	#state: [number, number, number, number];
	constructor(seed: number) {
		this.#state = [seed >>> 0, 0x9e3779b9, 0x243f6a88, 0xb7e15162];
		for (let i = 0; i < 16; i++) this.#next();
	}
	#next(): number {
		const [a, b, c, d] = this.#state;
		const t = (((a + b) | 0) + d) | 0;
		this.#state = [b ^ (b >>> 9), (c + (c << 3)) | 0, (((c << 21) | (c >>> 11)) + t) | 0, (d + 1) | 0];
		return t >>> 0;
	}
	/** From 0 up to, never, 1. */
	unit(): number {
		return this.#next() / 2 ** 32;
	}
	chance(probability: number): boolean {
		return probability > 0 && this.unit() < probability;
	}
	/** A whole number from `from` up to, never, `to`. */
	between(from: number, to: number): number {
		return from + Math.floor(this.unit() * (to - from));
	}
	pick<const T>(choices: readonly [T, ...T[]]): T {
		return choices[this.between(0, choices.length)] ?? choices[0];
	}
	bytes(length: number): Uint8Array {
		return Uint8Array.from({ length }, () => this.between(0, 256));
	}
}

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
