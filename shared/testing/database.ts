import type { Database } from "../context.ts";

/** A real database behind a wrapper that counts what reaches it, and that can fail. */
export interface Observed extends Database {
	/** Round trips: a batch is one. */
	calls: number;
	/** Refuses everything. */
	down: boolean;
	/** So many of the next calls fail after they have committed. */
	answersToLose: number;
}

export function observe(real: Database): Observed {
	const statements = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
	const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
		if (observed.down) throw new Error("the database is down");
		observed.calls += 1;
		const result = await work();
		if (observed.answersToLose > 0) {
			observed.answersToLose -= 1;
			throw new Error("the answer was lost");
		}
		return result;
	};
	const wrap = (inner: D1PreparedStatement): D1PreparedStatement => {
		const outer = {
			bind: (...values: unknown[]) => wrap(inner.bind(...values)),
			all: () => call(() => inner.all()),
			run: () => call(() => inner.run()),
		} as unknown as D1PreparedStatement; // the product uses nothing else of it
		statements.set(outer, inner);
		return outer;
	};
	const observed: Observed = {
		calls: 0,
		down: false,
		answersToLose: 0,
		prepare: (text) => wrap(real.prepare(text)),
		batch: (batch) => call(() => real.batch(batch.map((outer) => statements.get(outer) ?? outer))),
	};
	return observed;
}
