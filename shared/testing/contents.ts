import type { Database } from "../context.ts";

/** Everything that is in these databases, by table: equal before and after means that nothing has changed. */
export async function contentsOf(...databases: readonly Database[]): Promise<Record<string, unknown[]>[]> {
	return Promise.all(databases.map(contents));
}

async function contents(database: Database): Promise<Record<string, unknown[]>> {
	const tables = await database.prepare("select name from sqlite_master where type = 'table'").all<{ name: string }>();
	const names = tables.results.map(({ name }) => name).filter((name) => !/^(_cf_|d1_|sqlite_)/.test(name));
	const rows = await database.batch(names.map((name) => database.prepare(`select * from ${name}`)));
	return Object.fromEntries(names.map((name, i) => [name, rows[i]?.results ?? []]));
}
