import { createHash, createHmac } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { workerConfigs } from "../dev/configs.ts";

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

/** The Workers that have tickets. */
export type WithTickets = "customer" | "sysops";

/** Reads what a stopped or killed stack has stored. Copies are opened, so that only workerd ever recovers the files themselves. */
export function readStored(stateFolder: string): Record<WithTickets, Stored[]> {
	const copies = mkdtempSync(join(tmpdir(), "stored-"));
	try {
		const withTickets = workerConfigs.filter(({ worker }) => worker === "customer" || worker === "sysops");
		const stored = withTickets.map(({ worker, d1_databases }): [string, Stored[]] => [
			worker,
			d1_databases.map(({ database_id }) => {
				const file = join(stateFolder, "v3/d1", d1Objects, `${objectId(database_id)}.sqlite`);
				const copy = join(copies, database_id);
				copyFileSync(file, copy);
				if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
				const database = new DatabaseSync(copy);
				try {
					return read(database);
				} finally {
					database.close();
				}
			}),
		]);
		return Object.fromEntries(stored) as Record<WithTickets, Stored[]>; // both have a configuration
	} finally {
		rmSync(copies, { recursive: true, force: true });
	}
}

/** The local simulator keeps each D1 database in a Durable Object of this kind, named after the database's id. */
const d1Objects = "miniflare-D1DatabaseObject";

/** The id of a Durable Object with a name, as workerd makes it: half is a MAC of the name, half a MAC of the first half. */
function objectId(name: string): string {
	const key = createHash("sha256").update(d1Objects).digest();
	const mac = (text: string | Buffer) => createHmac("sha256", key).update(text).digest().subarray(0, 16);
	return Buffer.concat([mac(name), mac(mac(name))]).toString("hex");
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
