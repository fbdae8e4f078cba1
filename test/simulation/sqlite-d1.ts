import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Database } from "../../shared/context.ts";
import type { DatabaseCall, Wire } from "./wire.ts";

/** A database of this schema, to be copied: much faster than to make one of each. */
export function imageOf(schema: string): Uint8Array {
	const sqlite = new DatabaseSync(":memory:");
	sqlite.exec(schema);
	const image = sqlite.serialize();
	sqlite.close();
	return image;
}

/** Real SQLite, as D1 has it: statements alone or several as one transaction, nothing in between. */
export class SqliteDatabase {
	readonly sqlite: DatabaseSync;
	readonly #prepared = new Map<string, StatementSync>();
	/** The SQL of what watches. */
	readonly #watchers: string[] = [];

	/** `begins`: a copy of an image, in memory, or a schema, there or in a new file. */
	constructor(begins: Uint8Array | { readonly schema: string; readonly path?: string | undefined }) {
		if (begins instanceof Uint8Array) {
			this.sqlite = new DatabaseSync(":memory:");
			this.sqlite.deserialize(begins);
		} else {
			this.sqlite = new DatabaseSync(begins.path ?? ":memory:");
			this.sqlite.exec(begins.schema);
		}
	}

	/** Reads directly, past all faults: for invariants and seeds. */
	all<Row>(text: string, ...values: SQLInputValue[]): Row[] {
		let statement = this.#prepared.get(text);
		if (!statement) {
			statement = this.sqlite.prepare(text);
			this.#prepared.set(text, statement);
		}
		return statement.all(...values) as Row[]; // the caller names the columns that its text selects
	}

	/** Tells of every row to which `what` happens, within the statement that does it: `value` is SQL over `new` and `old`. */
	watch(what: "insert" | "update" | "delete", table: string, value: string, tell: (value: unknown) => void): void {
		const name = `watch_${what}_${table}`;
		this.sqlite.function(name, (seen) => {
			tell(seen);
			return null;
		});
		const watcher = `create temp trigger ${name} after ${what} on ${table} begin select ${name}(${value}); end`;
		this.#watchers.push(watcher);
		this.sqlite.exec(watcher);
	}

	/** What these tables hold, to be put back. */
	copy(tables: readonly string[]): Copy {
		return new Map(tables.map((table) => [table, this.all(`select * from ${table}`)]));
	}

	/** As Time Travel does it: nobody is told, and what watches over every step is not asked. */
	putBack(copy: Copy): void {
		const triggers = this.all<{ name: string; sql: string }>("select name, sql from sqlite_master where type = 'trigger'");
		const watchers = this.all<{ name: string }>("select name from sqlite_temp_master where type = 'trigger'");
		for (const { name } of [...watchers, ...triggers]) this.sqlite.exec(`drop trigger ${name}`);
		for (const [table, rows] of copy) {
			this.all(`delete from ${table}`);
			for (const row of rows) {
				const names = Object.keys(row);
				this.all(`insert into ${table} (${names.join()}) values (${names.map(() => "?").join()})`, ...Object.values(row));
			}
		}
		for (const text of [...triggers.map(({ sql }) => sql), ...this.#watchers]) this.sqlite.exec(text);
	}

	/** D1's interface over this database, seen through `wire`. `count` is told of each call, when somebody counts. */
	through(wire: Wire, count?: (call: DatabaseCall) => void): Database {
		const transaction = (statements: readonly Bound[]) => {
			const before = count ? this.#written() : 0;
			this.sqlite.exec("begin immediate");
			try {
				const results = statements.map(({ text, values }) => ({ results: this.all(text, ...values), success: true, meta: {} }));
				this.sqlite.exec("commit");
				const read = results.reduce((sum, result) => sum + result.results.length, 0);
				count?.({ statements: statements.map(({ text }) => text), read, written: this.#written() - before });
				return results;
			} catch (error) {
				this.sqlite.exec("rollback");
				throw error;
			}
		};
		const database = {
			prepare: (text: string) => statement(text, []),
			batch: (statements: Bound[]) => wire(`batch of ${statements.length}`, () => transaction(statements)),
		};
		const statement = (text: string, values: SQLInputValue[]): Bound => ({
			text,
			values,
			bind: (...given) => statement(text, given),
			all: () => wire("statement", () => transaction([statement(text, values)])[0]),
			run: () => wire("statement", () => transaction([statement(text, values)])[0]),
		});
		return database as unknown as Database; // the part of D1 that the product uses
	}

	#written(): number {
		return this.all<{ rows: number }>("select total_changes() as rows")[0]?.rows ?? 0;
	}

	close(): void {
		this.sqlite.close();
	}
}

export type Copy = ReadonlyMap<string, Record<string, string | number | null>[]>;

interface Bound {
	readonly text: string;
	readonly values: SQLInputValue[];
	bind(...values: SQLInputValue[]): Bound;
	all(): Promise<unknown>;
	run(): Promise<unknown>;
}
