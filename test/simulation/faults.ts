import type { Random } from "./world.ts";

export const minutes = 60_000;
export const hours = 60 * minutes;
export const days = 24 * hours;

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
}

export const noFaults: Faults = { refuse: 0, lost: 0, crash: 0, answerLost: 0, drop: 0, duplicate: 0, late: 0, forge: 0 };

/** Every seed has faults of its own: some kinds often, some seldom, some never, so that each also meets the calm. */
export function chooseFaults(random: Random): Faults {
	const level = () => random.pick([0, 0, 0.01, 0.05, 0.2]);
	return {
		refuse: level(),
		lost: level(),
		crash: random.pick([0, 0.01, 0.03, 0.08]),
		answerLost: level(),
		drop: random.pick([0, 0, 0.05, 0.3, 1]),
		duplicate: level(),
		late: level(),
		forge: level(),
	};
}

export type WindowKind = "sysops down" | "cron silent" | "database refuses" | "customer Worker consumes nothing";

export interface Window {
	readonly kind: WindowKind;
	readonly from: number;
	readonly to: number;
}

/** Times in which something is away altogether: from minutes to two months. */
export function chooseWindows(random: Random, start: number): Window[] {
	const kinds = ["sysops down", "sysops down", "cron silent", "database refuses", "customer Worker consumes nothing"] as const;
	return Array.from({ length: random.between(0, 4) }, () => {
		const kind = random.pick(kinds);
		const short = kind === "cron silent" || kind === "database refuses";
		const length = random.pick(
			short ? [5 * minutes, hours, 9 * hours] : [5 * minutes, hours, 9 * hours, 3 * days, 16 * days, 61 * days],
		);
		const from = start + random.between(0, 20 * minutes);
		return { kind, from, to: from + Math.floor(length * (0.5 + random.unit())) };
	});
}
