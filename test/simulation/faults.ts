import type { WorkerName } from "../../shared/events/topology.ts";
import type { Random } from "../../shared/testing/random.ts";
import { days, hours, minutes } from "../../shared/time.ts";
import type { World } from "./world.ts";

/** How likely each fault is, for one call or message. */
export interface Faults {
	/** A database, or a queue, refuses a call. */
	refuse: number;
	/** It did what was asked and the answer is lost. */
	lost: number;
	/** The isolate dies before, or right after, something durable happens. */
	crash: number;
	/** The customer never hears the answer to a request. */
	answerLost: number;
	/** A queue message disappears, comes twice, comes late, or is forged by an intruder besides. */
	drop: number;
	duplicate: number;
	late: number;
	forge: number;
	/** A page of the contract feed is not what sysops sent. */
	damage: number;
	/** The provider answers after minutes. */
	slow: number;
	/** A Durable Object is put out of memory when it is called; the platform gives its alarm up. */
	evict: number;
	giveUp: number;
}

export const noFaults: Faults = {
	refuse: 0,
	lost: 0,
	crash: 0,
	answerLost: 0,
	drop: 0,
	duplicate: 0,
	late: 0,
	forge: 0,
	damage: 0,
	slow: 0,
	evict: 0,
	giveUp: 0,
};

/** Every seed has faults of its own: some kinds often, some seldom, some never, so that each also meets the calm. */
export function chooseFaults(random: Random): Faults {
	const level = () => random.pick([0, 0, 0.01, 0.05, 0.2]);
	return {
		...noFaults,
		refuse: level(),
		lost: level(),
		crash: random.pick([0, 0.01, 0.03, 0.08]),
		answerLost: level(),
		drop: random.pick([0, 0, 0.05, 0.3, 1]),
		duplicate: level(),
		late: level(),
		forge: level(),
		damage: level(),
	};
}

/**
 * A time in which something is away: a Worker is down and neither consumes nor runs Cron, or deaf and consumes nothing,
 * or only its receipts are paused; Cron Triggers or databases are away for all, nobody takes e-mails and text messages, or
 * nobody charges cards. Requests are answered all the same.
 */
export type Window = { readonly from: number; readonly to: number } & (
	| { readonly kind: "down" | "deaf" | "receipts paused" | "charges paused"; readonly worker: WorkerName }
	| { readonly kind: "cron silent" | "database refuses" | "mail refused" | "provider away"; readonly worker?: undefined }
);

const lengths = {
	short: [5 * minutes, hours, 9 * hours],
	outside: [hours, 9 * hours, 3 * days],
	long: [5 * minutes, hours, 9 * hours, 3 * days, 16 * days, 61 * days],
} as const;

/** From minutes to three months. They begin together, so that some overlap and none follows upon another. */
export function chooseWindows(random: Random, start: number, workers: readonly WorkerName[]): Window[] {
	return Array.from({ length: random.between(0, 4) }, (): Window => {
		const kind = random.pick([
			"down",
			"down",
			"deaf",
			"receipts paused",
			"cron silent",
			"database refuses",
			"mail refused",
			"provider away",
		]);
		const from = start + random.between(0, 20 * minutes);
		const until = (choices: readonly [number, ...number[]]) => from + Math.floor(random.pick(choices) * (0.5 + random.unit()));
		if (kind === "cron silent" || kind === "database refuses") return { kind, from, to: until(lengths.short) };
		if (kind === "mail refused" || kind === "provider away") return { kind, from, to: until(lengths.outside) };
		const worker = workers[random.between(0, workers.length)];
		if (!worker) throw new Error("there are no Workers");
		return { kind, worker, from, to: until(lengths.long) };
	});
}

/** In the trace. */
export function sayWindows({ world, windows }: { world: World; windows: readonly Window[] }): void {
	for (const { kind, worker, from, to } of windows) {
		const length = ((to - from) / hours).toFixed(1);
		world.say(
			() => `${worker ?? "everywhere"}: ${kind} for ${length} hours, from day ${((from - world.now) / days).toFixed(1)} on`,
		);
	}
}
