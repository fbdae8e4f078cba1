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
