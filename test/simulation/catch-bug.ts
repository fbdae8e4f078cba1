import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../scripts/run.ts";
import { lanes } from "./lanes.ts";

/** A bug that somebody could write, as a change to the product's text. The simulation has to catch it. */
export interface PlantedBug {
	readonly name: string;
	readonly file: string;
	/** Stands exactly once in the file. */
	readonly find: string;
	readonly replace: string;
	/** It is looked for in worlds of money. */
	readonly isOfMoney?: boolean;
	/** What else has to be wrong, where one of two that watch over something is enough. */
	readonly also?: Pick<PlantedBug, "file" | "find" | "replace">;
}

/** How many seeds a bug may survive. */
export const runs = 60;

/** Each is a process of its own, and two cores are what the tests are given. */
const lane = lanes(2);

/**
 * The simulation's words about the first seed that breaks in a copy of the product with this bug, or null. Two run at
 * the same time, however many are asked for.
 */
export const catchBug = (bug: PlantedBug): Promise<string | null> => lane(() => simulateWith(bug));

async function simulateWith(bug: PlantedBug): Promise<string | null> {
	const copy = await mkdtemp(join(tmpdir(), "planted-bug-"));
	try {
		for (const part of ["shared", "workers", "scripts", "test/simulation", "migrations", "package.json"]) {
			await cp(join(root, part), join(copy, part), { recursive: true });
		}
		await symlink(join(root, "node_modules"), join(copy, "node_modules"));
		for (const { file, find, replace } of [bug, ...(bug.also ? [bug.also] : [])]) {
			const path = join(copy, file);
			const text = await readFile(path, "utf8");
			if (text.split(find).length !== 2) throw new Error(`"${bug.name}": its text does not stand exactly once in ${file}`);
			await writeFile(
				path,
				text.replace(find, () => replace),
			);
		}
		const kind = bug.isOfMoney ? ["--money"] : [];
		const args = ["test/simulation/cli.ts", "--brief", ...kind, "--seed", "1", "--runs", String(runs)];
		await promisify(execFile)(process.execPath, args, { cwd: copy, maxBuffer: 2 ** 30 });
		return null;
	} catch (error) {
		const output = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
		const broken = /^(Seed \d+) breaks a promise:\n {2}(.+)$/m.exec(output);
		if (!broken) throw error;
		return `${broken[1]}: ${broken[2]}`;
	} finally {
		await rm(copy, { recursive: true, force: true });
	}
}
