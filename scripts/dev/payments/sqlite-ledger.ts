import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Entries, type Ledger, ownerOf } from "./ledger.ts";

/** In a file, so that it is there after its process was killed. */
export function sqliteLedger(file: string): Ledger & { close(): void } {
	mkdirSync(dirname(file), { recursive: true });
	const database = new DatabaseSync(file);
	database.exec(`
		pragma journal_mode = wal;
		create table if not exists entries (
			kind text not null, id text not null, belongs_to text not null, at text not null, entry text not null,
			primary key (kind, id)) without rowid;
		create index if not exists entries_of on entries (kind, belongs_to, at);
		create index if not exists entries_newest on entries (kind, at);`);
	const one = database.prepare("select entry from entries where kind = ? and id = ?");
	const put = database.prepare(`
		insert into entries (kind, id, belongs_to, at, entry) values (?, ?, ?, ?, ?)
		on conflict do update set entry = excluded.entry`);
	const of = database.prepare("select entry from entries where kind = ? and belongs_to = ? order by at");
	const newest = database.prepare("select entry from entries where kind = ? order by at desc limit ?");
	const read = <Kind extends keyof Entries>(_: Kind, row: { entry?: unknown }): Entries[Kind] => JSON.parse(`${row.entry}`); // as `put` wrote it
	return {
		find(kind, id) {
			const row = one.get(kind, id);
			return row && read(kind, row);
		},
		put: (kind, entry) => void put.run(kind, entry.id, ownerOf(entry), entry.at, JSON.stringify(entry)),
		of: (kind, belongsTo) => of.all(kind, belongsTo).map((row) => read(kind, row)),
		newest: (kind, limit) => newest.all(kind, limit).map((row) => read(kind, row)),
		close: () => database.close(),
	};
}
