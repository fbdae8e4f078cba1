import { beforeEach, expect, it } from "vitest";
import { onQueue, type Quantum } from "../quantum.ts";
import type { Quanta } from "../testing/quanta.ts";
import { thingQuanta } from "../testing/things.ts";

let quanta: Quanta;
beforeEach(async () => {
	quanta = await thingQuanta();
});

/** What becomes of these messages of billing's own queue `charges`, and what was worked on. */
async function workThrough(bodies: readonly unknown[], work: (body: unknown) => Promise<void>) {
	const told: string[] = [];
	const quantum: Quantum = {
		worker: "billing",
		consumes: [],
		onReceipt: [],
		crons: {},
		works: { charges: (_, body) => work(body) },
	};
	const messages = bodies.map((body, at) => ({
		id: `message-${at}`,
		body,
		ack: () => void told.push(`${body} is done`),
		retry: () => void told.push(`${body} comes again`),
	}));
	await onQueue(quantum, quanta.ctx("billing"), { queue: "charges", messages });
	return told;
}

it("what a Worker has put into a queue of its own is done, one message after the other, and needs no signature", async () => {
	const done: unknown[] = [];
	const told = await workThrough(["a", "b"], async (body) => void done.push(body));

	expect(done).toEqual(["a", "b"]);
	expect(told).toEqual(["a is done", "b is done"]);
	expect(quanta.log).toEqual([]);
});

it("what fails comes again and disturbs no other", async () => {
	const told = await workThrough(["a", "b", "c"], async (body) => {
		if (body === "b") throw new Error("not today");
	});

	expect(told).toEqual(["a is done", "b comes again", "c is done"]);
	expect(quanta.logged("warn")).toEqual(["work_failed"]);
});

it("its dead letters are recorded like any other", async () => {
	const quantum = { worker: "billing", consumes: [], onReceipt: [] } as const;
	expect(await quanta.deliver(quantum, "dead-letters-billing", ["a page"])).toEqual({ acknowledged: [0], retried: [] });
	expect(quanta.logged("alarm")).toEqual(["dead_letters"]);
});
