import { existsSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { migrationsOf, readMigrations } from "../migrations.ts";
import { root, run } from "../run.ts";
import { type DeployedWorker, deployedWorkers } from "../workers.ts";
import type { Generator } from "./generator.ts";
import { withoutRowid } from "./without-rowid.ts";

/** Adds to `folder` what `tables.ts` has and its migrations have not. May ask about renamed columns: needs the terminal. */
function drizzleKit(
	quantum: DeployedWorker,
	folder: string,
	{ name, terminal }: { name?: string | undefined; terminal: boolean },
) {
	const env = { QUANTUM: quantum, MIGRATIONS: relative(root, folder) }; // an absolute path would be taken for a relative one
	return run("drizzle-kit", ["generate", ...(name ? ["--name", name] : [])], { env, terminal });
}

/** Runs drizzle-kit on a copy. It ends 0 even when it fails, for example for want of an answer: only its words count. */
async function missing(quantum: DeployedWorker): Promise<string[]> {
	const copy = await mkdtemp(join(tmpdir(), `migrations-${quantum}-`));
	try {
		if (existsSync(migrationsOf(quantum))) await cp(migrationsOf(quantum), copy, { recursive: true });
		const { output } = await drizzleKit(quantum, copy, { terminal: false });
		if (output.includes("No schema changes, nothing to migrate")) return [];
		return [`migrations/${quantum} does not follow workers/${quantum}/tables.ts; drizzle-kit says:\n${output.trim()}`];
	} finally {
		await rm(copy, { recursive: true });
	}
}

function withRowid(quantum: DeployedWorker): string[] {
	const wrong = readMigrations(migrationsOf(quantum)).filter(({ text }) => withoutRowid(text) !== text);
	return wrong.map(({ file }) => `migrations/${quantum}/${file} creates a table that is not WITHOUT ROWID`);
}

/** The migrations of every quantum follow its tables.ts, and every table is WITHOUT ROWID. */
export const migrations: Generator = {
	async check() {
		const found: string[] = [];
		for (const quantum of deployedWorkers) found.push(...(await missing(quantum)), ...withRowid(quantum));
		return found;
	},
	async write({ migrationName }) {
		for (const quantum of deployedWorkers) {
			await drizzleKit(quantum, migrationsOf(quantum), { name: migrationName, terminal: true });
			for (const { path, text } of readMigrations(migrationsOf(quantum))) await writeFile(path, withoutRowid(text));
			const [failure] = await missing(quantum);
			if (failure) throw new Error(failure);
		}
	},
};
