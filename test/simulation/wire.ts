import type { Cluster } from "./cluster.ts";
import type { Window } from "./faults.ts";

/** How a call reaches what is outside the isolate, and its answer comes back: where the faults are. */
export type Wire = <T>(what: string, apply: () => T) => Promise<T>;

/** One call of a database. */
export interface DatabaseCall {
	readonly statements: readonly string[];
	/** Rows that came back, and rows that were written. */
	readonly read: number;
	readonly written: number;
}

/** One invocation of a Worker. When it dies, nothing that it awaits ever comes back. */
export class Life {
	dead = false;
	/** Calls that failed, or whose answer was lost. */
	troubles = 0;
	readonly onDeath: (() => void)[] = [];
	/** What it has asked of databases, when somebody counts. */
	calls: DatabaseCall[] | undefined;
	end(): void {
		if (this.dead) return;
		this.dead = true;
		for (const told of this.onDeath) told();
	}
}

/** Between two awaits an isolate may die. */
export async function step<T>(cluster: Cluster, life: Life, work: () => Promise<T>): Promise<T> {
	const died = cluster.world.random.chance(cluster.faults.crash / 4);
	if (died) crash(cluster, life, "between two awaits");
	if (life.dead) return new Promise(() => {});
	return work();
}

/**
 * Every call that leaves the isolate: it takes time, may be refused, may lose its answer, and around it one may die. `away`
 * is the kind of window in which all of them are refused.
 */
export function wire(cluster: Cluster, life: Life, from: string, away?: Window["kind"]): Wire {
	const { world, counts } = cluster;
	const { random } = world;
	return (what, apply) => {
		if (life.dead) return new Promise(() => {});
		return new Promise((resolve, reject) => {
			const deliver = () => {
				const { faults } = cluster;
				const underway = life.dead; // its caller is gone: it may arrive all the same
				if (underway && random.chance(0.5)) return;
				if (!underway && random.chance(faults.crash)) return crash(cluster, life, `${from} before ${what}`);
				if (random.chance(faults.refuse) || (away && cluster.isAway(away))) {
					counts.refusals += 1;
					life.troubles += 1;
					world.say(() => `${from}: ${what} is refused`);
					return reject(new Error("refused"));
				}
				let result: ReturnType<typeof apply>;
				try {
					result = apply();
				} catch (error) {
					life.troubles += 1;
					world.say(() => `${from}: ${what} fails: ${error}`);
					return reject(error);
				}
				if (underway) return;
				if (random.chance(faults.lost)) {
					life.troubles += 1;
					world.say(() => `${from}: ${what} is done, its answer lost`);
					return reject(new Error("answer lost"));
				}
				if (random.chance(faults.crash)) return crash(cluster, life, `${from} after ${what}`);
				world.after(random.between(1, 20), () => life.dead || resolve(result));
			};
			world.after(random.between(1, 30), deliver);
		});
	};
}

/** All that runs in a life ends. */
export function crash({ counts, world }: Cluster, life: Life, where: string): void {
	counts.crashes += 1;
	world.say(() => `crash: ${where}`);
	life.end();
}
