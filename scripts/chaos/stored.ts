import { createHash, createHmac } from "node:crypto";
import { copyFileSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { workerConfigs } from "../dev/configs.ts";
import { mailFilesIn } from "../dev/home.ts";
import type { ChargeEntry } from "../dev/payments/ledger.ts";
import type { DeployedWorker } from "../workers.ts";

type Row = Readonly<Record<string, string | number | null>>;

/** One database, as it lies on the disk: the rows of each table. */
export type Stored = Readonly<Record<string, readonly Row[]>>;

/** Reads what a stopped or killed stack has stored. Copies are opened, so that only workerd ever recovers the files themselves. */
export function readStored(stateFolder: string): Record<DeployedWorker, Stored[]> {
	const copies = mkdtempSync(join(tmpdir(), "stored-"));
	try {
		const stored = workerConfigs.map(({ worker, d1_databases }): [string, Stored[]] => [
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
		return Object.fromEntries(stored) as Record<DeployedWorker, Stored[]>; // each has a configuration
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
	const rows = (text: string) => database.prepare(text).all() as Row[]; // nothing here is stored as a blob
	const tables = rows(
		"select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\' and name not like 'sqlite%'",
	);
	return Object.fromEntries(tables.map(({ name }) => [name, rows(`select * from "${name}"`)]));
}

/** What the payment sandbox of a stopped stack was asked to charge. */
export function readLedger(stateFolder: string): ChargeEntry[] {
	const database = new DatabaseSync(join(stateFolder, "payments.sqlite"));
	try {
		const rows = database.prepare("select entry from entries where kind = 'charge'").all() as { entry: string }[]; // as the sandbox writes them
		return rows.map(({ entry }) => JSON.parse(entry));
	} finally {
		database.close();
	}
}

/** The text of every e-mail that the stacks which were killed in `home` gave to a `send_email` binding. */
export const readMails = (home: string): string[] =>
	globSync(join(mailFilesIn(home), "*/email-text/*")).map((file) => readFileSync(file, "utf8"));
