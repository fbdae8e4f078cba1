import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.ts";
import type { DeployedWorker } from "./workers.ts";

/** A file that drizzle-kit wrote. */
export interface Migration {
	readonly file: string;
	/** Absolute. */
	readonly path: string;
	readonly text: string;
}

/** Where the migrations of a quantum's databases are. */
export const migrationsOf = (quantum: DeployedWorker) => join(root, "migrations", quantum);

/** The committed migrations in a folder, in their order; none where there is no folder yet. */
export function readMigrations(folder: string): Migration[] {
	if (!existsSync(folder)) return [];
	const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
	return files.sort().map((file) => {
		const path = join(folder, file);
		return { file, path, text: readFileSync(path, "utf8") };
	});
}
