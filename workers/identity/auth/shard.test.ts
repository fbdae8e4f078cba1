import { describe, expect, it } from "vitest";
import { chooseShard } from "./shard.ts";

/** Four random bytes that stand for a number from 0 up to, never, 1. */
const at = (unit: number) => {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, Math.floor(unit * 2 ** 32));
	return bytes;
};

describe("a new customer's shard", () => {
	it("is chosen by weight", () => {
		const chosen = Array.from({ length: 1000 }, (_, i) => chooseShard('{"00":1,"01":3,"02":0,"ff":6}', at((i + 0.5) / 1000)));
		const count = (shard: string) => chosen.filter((one) => one === shard).length;

		expect([count("00"), count("01"), count("02"), count("ff")]).toEqual([100, 300, 0, 600]);
	});

	it("is open at both ends of what can be drawn", () => {
		expect(chooseShard('{"00":0,"01":1,"02":0}', at(0))).toBe("01");
		expect(chooseShard('{"00":0,"01":1,"02":0}', new Uint8Array(4).fill(255))).toBe("01");
	});
});
