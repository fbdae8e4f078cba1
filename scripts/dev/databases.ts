import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { type Migration, readMigrations } from "../migrations.ts";
import type { WorkerConfig } from "./configs.ts";
import { demoData } from "./demo.ts";
import { stateFolder } from "./home.ts";

type D1 = Awaited<ReturnType<Miniflare["getD1Database"]>>;

/**
 * Applies the migrations to every local database and seeds the demo data, all in one simulator:
 * `wrangler d1 migrations apply` takes two seconds for each database. Both keep the same `d1_migrations` table.
 * Nothing is started when neither migrations nor demo data have changed since the last time.
 */
export async function prepareDatabases(workers: readonly WorkerConfig[]): Promise<void> {
	const databases = workers.flatMap(({ worker, path, d1_databases }) =>
		d1_databases.map(({ binding, database_id: id, migrations_dir }) => {
			const shard = /_([0-9a-f]{2})$/i.exec(binding)?.[1]?.toLowerCase() ?? "00";
			return { id, migrations: readMigrations(join(dirname(path), migrations_dir)), seeds: demoData(worker, shard) };
		}),
	);
	const stampFile = join(stateFolder, "prepared");
	const stamp = createHash("sha256").update(JSON.stringify(databases)).digest("hex");
	if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;

	await eachDatabase(stateFolder, databases, async (database, { migrations, seeds }) => {
		await migrate(database, migrations);
		if (seeds.length > 0) await database.batch(seeds.map(({ text, params }) => database.prepare(text).bind(...params)));
	});
	writeFileSync(stampFile, stamp);
}

/** Works on the databases of a stack that does not run, one after the other. */
export async function eachDatabase<Database extends { readonly id: string }>(
	stateFolder: string,
	databases: readonly Database[],
	work: (d1: D1, database: Database) => Promise<unknown>,
): Promise<void> {
	const d1Databases = Object.fromEntries(databases.map(({ id }) => [id, id]));
	const resourcePersistencePath = join(stateFolder, "v3"); // where `wrangler dev --persist-to` keeps it
	const simulator = new Miniflare(convertV4MiniflareOptions({ modules: true, script: "", resourcePersistencePath, d1Databases }));
	try {
		for (const database of databases) await work(await simulator.getD1Database(database.id), database);
	} finally {
		await simulator.dispose();
	}
}

/** Each migration and its row in wrangler's table are one batch: a process that is killed here can be started again. */
async function migrate(database: D1, migrations: readonly Migration[]): Promise<void> {
	await database
		.prepare(`create table if not exists d1_migrations (
			id integer primary key autoincrement, name text unique, applied_at timestamp default current_timestamp not null)`)
		.run();
	const { results } = await database.prepare("select name from d1_migrations").all<{ name: string }>();
	const applied = new Set(results.map(({ name }) => name));
	for (const { file, text } of migrations) {
		if (applied.has(file)) continue;
		const statements = text.split("--> statement-breakpoint").filter((statement) => statement.trim() !== "");
		const note = database.prepare("insert into d1_migrations (name) values (?)").bind(file);
		await database.batch([...statements.map((statement) => database.prepare(statement)), note]);
	}
}
