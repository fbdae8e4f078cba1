import { Random } from "../../shared/testing/random.ts";
import { days, minutes } from "../../shared/time.ts";
import { type DeployedWorker, deployedWorkers } from "../workers.ts";
import { goBackRings, type Outcome, pruneRings, rotateRings } from "./commands.ts";
import type { KeyFile } from "./format.ts";
import { complete } from "./key-file.ts";
import { keysOf, type Ring } from "./rings.ts";
import { nextStep } from "./rotation.ts";
import { keyValues } from "./values.ts";

/** The secrets and variables of one isolate. While a deploy goes on, some of a Worker's have the old ones. */
export interface Isolate {
	readonly worker: DeployedWorker;
	readonly env: Record<string, string>;
}

/** Two isolates of every Worker, an operator who follows what the commands ask for, and a clock. */
export class Installation {
	now = Date.UTC(2026, 0, 1);
	file: KeyFile = complete(undefined, this.now);
	readonly random: Random;
	readonly isolates: Isolate[];
	/** What has been asked for and has not reached every isolate. */
	readonly pending: (() => void)[] = [];
	retired = 0;
	destroyed = 0;

	constructor(seed: number) {
		this.random = new Random(seed);
		this.isolates = deployedWorkers.flatMap((worker) => [0, 1].map(() => ({ worker, env: { ...keyValues(this.file, worker) } })));
	}

	of(workers: readonly DeployedWorker[]): Isolate {
		const found = this.isolates.filter(({ worker }) => workers.includes(worker));
		return found[this.random.between(0, found.length)] ?? neverDeployed(workers);
	}

	/** One isolate gets one of the values that were asked for, in any order. */
	deployOne(): void {
		this.pending.splice(this.random.between(0, this.pending.length), 1)[0]?.();
	}

	/** A step, back now and then, or what is over; never before the last one is in force everywhere. */
	operate([ring]: readonly Ring[], mayRetire: boolean): void {
		if (this.pending.length > 0 || !ring) return;
		const { file, now } = this;
		const step = nextStep(keysOf(file, ring));
		if (this.random.chance(0.3)) this.take(pruneRings(file, now));
		else if (step !== "add" && this.random.chance(0.2)) this.take(goBackRings(file, [ring], now));
		else if (step !== "retire" || mayRetire) {
			if (step === "retire") this.retired += 1;
			this.take(rotateRings(file, [ring], { now, done: step !== "add" }));
		}
	}

	take({ file, deploys, told }: Outcome): void {
		this.file = file;
		this.destroyed += told.filter((line) => line.endsWith("is destroyed.")).length;
		for (const { worker, name } of deploys) {
			const fresh = keyValues(file, worker)[name] ?? "";
			for (const isolate of this.isolates.filter((one) => one.worker === worker)) {
				this.pending.push(() => {
					isolate.env[name] = fresh;
				});
			}
		}
	}

	wait(): void {
		this.now += this.random.pick([1000, minutes, 10 * minutes, 50 * minutes, days, 20 * days]);
	}
}

function neverDeployed(workers: readonly DeployedWorker[]): never {
	throw new Error(`nobody of ${workers.join(", ")} is deployed`);
}
