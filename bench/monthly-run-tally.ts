import type { WorkerName } from "../shared/events/topology.ts";

/** What a Worker has asked of its databases. */
export interface D1Tally {
	calls: number;
	/** Rows of tables that were changed, as SQLite counts them: without entries of indexes, which D1 bills as well. */
	changed: number;
	/** The most rows that one statement gave, and the longest value that was bound to one, in bytes. */
	largestPage: number;
	largestValue: number;
}

export interface QueueTally {
	messages: number;
	/** As they are billed: 64 KB written, read or deleted. */
	operations: number;
	batches: number;
	largestMessage: number;
	/** Messages that waited at the same time. */
	longest: number;
}

/** How much there was at most in a minute. */
export interface Peaks {
	charges: number;
	emails: number;
	alarms: number;
	messages: number;
}

/** What a run has asked of the platform. */
export class Tally {
	readonly d1 = new Map<WorkerName, D1Tally>();
	readonly queues = new Map<string, QueueTally>();
	readonly crons = new Map<string, number>();
	/** Calls, alarms, and rows written in the storage of all objects. */
	readonly objects = { ensure: 0, delivered: 0, alarms: 0, rowsWritten: 0, atOnce: 0 };
	readonly provider = { charges: 0, lookups: 0 };
	emails = 0;
	/** What was logged, by its name: how much each entry counts, or how many there were. */
	readonly logged = new Map<string, number>();
	/** Alarms and warnings. */
	readonly troubles: string[] = [];

	readonly peaks: Peaks = { charges: 0, emails: 0, alarms: 0, messages: 0 };

	/** A minute is over. */
	minute(before: Peaks, after: Peaks): void {
		for (const name of ["charges", "emails", "alarms", "messages"] as const) {
			this.peaks[name] = Math.max(this.peaks[name], after[name] - before[name]);
		}
	}

	worker(name: WorkerName): D1Tally {
		return of(this.d1, name, () => ({ calls: 0, changed: 0, largestPage: 0, largestValue: 0 }));
	}

	queue(name: string): QueueTally {
		return of(this.queues, name, () => ({ messages: 0, operations: 0, batches: 0, largestMessage: 0, longest: 0 }));
	}

	cron(worker: WorkerName, cron: string): void {
		const name = `${worker} ${cron}`;
		this.crons.set(name, (this.crons.get(name) ?? 0) + 1);
	}

	/** Worker invocations that are billed as requests: queue batches and Cron Triggers. */
	get requests(): { batches: number; crons: number } {
		return { batches: this.sumOfQueues("batches"), crons: [...this.crons.values()].reduce((sum, runs) => sum + runs, 0) };
	}

	sumOfQueues(what: "messages" | "operations" | "batches"): number {
		return [...this.queues.values()].reduce((sum, queue) => sum + queue[what], 0);
	}
}

function of<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
	const found = map.get(key) ?? make();
	map.set(key, found);
	return found;
}
