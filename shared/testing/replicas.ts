import type { Database } from "../context.ts";

interface Written {
	readonly text: string;
	readonly values: readonly unknown[];
}

/**
 * A primary and a replica that lags behind until it is told to catch up, both real, behind what Cloudflare documents of
 * D1's Sessions API: a read goes to the replica if it is as new as the session has seen, everything else to the primary.
 */
export class Replicated {
	/** Reads, by who has answered them. */
	readonly reads = { primary: 0, replica: 0 };
	readonly #primary: D1Database;
	readonly #replica: D1Database;
	/** Every batch that has written. A bookmark is how many of them somebody has seen. */
	readonly #written: Written[][] = [];
	#replayed = 0;
	readonly #statements = new WeakMap<D1PreparedStatement, Written>();

	constructor(primary: D1Database, replica: D1Database) {
		this.#primary = primary;
		this.#replica = replica;
	}

	/** What a Worker is bound to. */
	get binding(): D1Database {
		const atPrimary = this.#through({ seen: Number.MAX_SAFE_INTEGER }, false);
		const withSession = (constraint = "first-unconstrained") => this.#session(constraint);
		return { ...atPrimary, withSession } as unknown as D1Database; // all that is used of it
	}

	async catchUp(): Promise<void> {
		for (const batch of this.#written.slice(this.#replayed)) {
			await this.#replica.batch(batch.map(({ text, values }) => this.#replica.prepare(text).bind(...values)));
		}
		this.#replayed = this.#written.length;
	}

	#session(constraint: string): Database & { getBookmark(): string | null } {
		const first: Record<string, number> = { "first-primary": Number.MAX_SAFE_INTEGER, "first-unconstrained": 0 };
		const state: { seen: number; bookmark?: number } = { seen: first[constraint] ?? Number.parseInt(constraint, 16) };
		return { ...this.#through(state), getBookmark: () => (state.bookmark === undefined ? null : bookmarkFor(state.bookmark)) };
	}

	/** With `moves` a session: from its first answer on it asks for what it has seen. */
	#through(state: { seen: number; bookmark?: number }, moves = true): Database {
		const run = async <Row>(statements: readonly Written[]): Promise<D1Result<Row>[]> => {
			const reading = statements.every(({ text }) => /^\s*select\b/i.test(text));
			const atReplica = reading && this.#replayed >= state.seen;
			const source = atReplica ? this.#replica : this.#primary;
			const results = await source.batch<Row>(statements.map(({ text, values }) => source.prepare(text).bind(...values)));
			if (reading) this.reads[atReplica ? "replica" : "primary"] += 1;
			else this.#written.push([...statements]);
			const version = atReplica ? this.#replayed : this.#written.length;
			state.bookmark = Math.max(version, state.bookmark ?? 0);
			if (moves) state.seen = state.bookmark;
			return results;
		};
		const prepare = (text: string, values: readonly unknown[] = []): D1PreparedStatement => {
			const all = async () => (await run([{ text, values }]))[0];
			const bind = (...bound: unknown[]) => prepare(text, bound);
			const statement = { bind, all, run: all } as unknown as D1PreparedStatement; // the product uses nothing else of it
			this.#statements.set(statement, { text, values });
			return statement;
		};
		return {
			prepare,
			batch: <Row>(statements: D1PreparedStatement[]) =>
				run<Row>(statements.flatMap((statement) => this.#statements.get(statement) ?? [])),
		};
	}
}

/** In the shape of D1's. */
const bookmarkFor = (seen: number) => `${seen.toString(16).padStart(8, "0")}-00000000-00000000-${"0".repeat(32)}`;
