import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface StoredTicket {
	id: string;
	customer_id: string;
	status: string;
	device: string;
	category: string;
	priority: string;
	text: string;
}

export interface StoredComment {
	id: string;
	ticket_id: string;
	text: string;
}

/** One database, as it lies on the disk. */
export interface Stored {
	readonly tickets: readonly StoredTicket[];
	readonly comments: readonly StoredComment[];
	readonly outbox: number;
	readonly quarantined: number;
	readonly dead: number;
}

/**
 * Reads what a stopped or killed stack has stored: the customer's shards have profiles, sysops has staff. Copies are
 * opened, so that only workerd ever recovers the files themselves.
 */
export function readStored(stateFolder: string): { shards: Stored[]; sysops: Stored[] } {
	const copies = mkdtempSync(join(tmpdir(), "stored-"));
	const shards: Stored[] = [];
	const sysops: Stored[] = [];
	try {
		for (const file of databaseFiles(join(stateFolder, "v3/d1"))) {
			const copy = join(copies, basename(file));
			for (const suffix of ["", "-wal"]) copyIfThere(file + suffix, copy + suffix);
			const database = new DatabaseSync(copy);
			const has = (table: string) => database.prepare("select 1 from sqlite_master where name = ?").get(table) !== undefined;
			if (has("profiles")) shards.push(read(database));
			else if (has("staff")) sysops.push(read(database));
			database.close();
		}
	} finally {
		rmSync(copies, { recursive: true, force: true });
	}
	return { shards, sysops };
}

function databaseFiles(folder: string): string[] {
	const all = readdirSync(folder, { withFileTypes: true, recursive: true });
	const databases = all.filter((entry) => entry.isFile() && entry.name.endsWith(".sqlite") && entry.name !== "metadata.sqlite");
	return databases.map((entry) => join(entry.parentPath, entry.name));
}

function copyIfThere(from: string, to: string): void {
	try {
		copyFileSync(from, to);
	} catch {
		// a database without a write-ahead log is complete as it is
	}
}

function read(database: DatabaseSync): Stored {
	const rows = <Row>(text: string) => database.prepare(text).all() as Row[]; // the shapes of the queries below
	const count = (table: string) => rows<{ n: number }>(`select count(*) as n from ${table}`)[0]?.n ?? 0;
	return {
		tickets: rows("select id, customer_id, status, device, category, priority, text from tickets"),
		comments: rows("select id, ticket_id, text from comments"),
		outbox: count("outbox"),
		quarantined: count("quarantine"),
		dead: count("dead_letters"),
	};
}
