import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";

/** Brings every database up to date that is bound here as `<KIND>_DB` or `<KIND>_DB_<SHARD>`, by `<KIND>_MIGRATIONS`. */
export async function migrateDatabases(): Promise<void> {
	const bindings: Readonly<Record<string, unknown>> = { ...env };
	for (const [name, database] of Object.entries(bindings)) {
		const kind = /^(.+)_DB(_\w\w)?$/.exec(name)?.[1];
		if (kind === undefined) continue;
		const migrations = bindings[`${kind}_MIGRATIONS`];
		if (!migrations) throw new Error(`vitest.config.ts binds no ${kind}_MIGRATIONS`);
		await applyD1Migrations(database as D1Database, migrations as D1Migration[]); // both are named for what they are
	}
}
