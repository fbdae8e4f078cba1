import type { Database } from "../context.ts";

/** A real database behind a wrapper that counts what reaches it and refuses everything while it is `down`. */
export interface Observed extends Database {
	/** Round trips: a batch is one. */
	calls: number;
	down: boolean;
}

export function observe(real: Database): Observed {
	const statements = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
	const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
		if (observed.down) throw new Error("the database is down");
		observed.calls += 1;
		return work();
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
		prepare: (text) => wrap(real.prepare(text)),
		batch: (batch) => call(() => real.batch(batch.map((outer) => statements.get(outer) ?? outer))),
	};
	return observed;
}
