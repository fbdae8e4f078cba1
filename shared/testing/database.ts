import type { Database } from "../context.ts";

/**
 * What stands between a Worker and its database: it is given how many statements go over in this one round trip, and
 * makes the trip by `work`, or does not.
 */
type Wire = <Row>(statements: number, work: () => Promise<D1Result<Row>[]>) => Promise<D1Result<Row>[]>;

/**
 * A database whose every round trip goes through `wire`; a batch is one. `first`, which tells no costs, fails here; `raw`,
 * which Drizzle reads by, is made of `all` and cannot tell columns of the same name apart.
 */
export function throughWire(database: Database, wire: Wire): Database {
	/** Wrapped statements → their own, for `batch`. */
	const inner = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
	const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
		const all = async <Row>() => {
			const [result] = await wire<Row>(1, async () => [await statement.all<Row>()]);
			return result;
		};
		const wrapped = {
			bind: (...values: unknown[]) => wrap(statement.bind(...values)),
			all,
			run: all,
			raw: async () => ((await all<Record<string, unknown>>())?.results ?? []).map(Object.values),
		} as unknown as D1PreparedStatement; // the product uses nothing else of it
		inner.set(wrapped, statement);
		return wrapped;
	};
	return {
		prepare: (text) => wrap(database.prepare(text)),
		batch: <Row>(statements: D1PreparedStatement[]) =>
			wire<Row>(statements.length, () => database.batch(statements.map((wrapped) => inner.get(wrapped) ?? wrapped))),
	};
}

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
	const state = { calls: 0, down: false, answersToLose: 0 };
	const wired = throughWire(real, async (_, work) => {
		if (state.down) throw new Error("the database is down");
		state.calls += 1;
		const results = await work();
		if (state.answersToLose > 0) {
			state.answersToLose -= 1;
			throw new Error("the answer was lost");
		}
		return results;
	});
	return Object.assign(state, wired);
}

/** All rows of a query, for what a test asserts about a database. */
export async function rowsOf<Row = Record<string, unknown>>(
	database: Database,
	text: string,
	...values: unknown[]
): Promise<Row[]> {
	return (
		await database
			.prepare(text)
			.bind(...values)
			.all<Row>()
	).results;
}
