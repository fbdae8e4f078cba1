import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../run.ts";
import type { Generator } from "./generator.ts";

interface Locked {
	version?: string;
	dev?: boolean;
	optional?: boolean;
	os?: string[];
	cpu?: string[];
	libc?: string[];
	optionalDependencies?: Record<string, string>;
}

const path = join(root, "package-lock.json");
const systems = { android: "android", darwin: "darwin", linux: "linux", win32: "win32", windows: "win32", freebsd: "freebsd" };
const processors = {
	arm64: "arm64",
	x64: "x64",
	"64": "x64",
	arm: "arm",
	ia32: "ia32",
	ppc64: "ppc64",
	riscv64: "riscv64",
	s390x: "s390x",
};

/** What a package for one platform says of itself, read off its name, such as `@biomejs/cli-linux-x64-musl`. */
function entryOf(name: string, version: string): Locked {
	const words = name.split(/[/-]/);
	const found = <T>(table: Record<string, T>) => words.flatMap((word) => (word in table ? [table[word] as T] : [])); // it is in the table
	const libc = words.some((word) => word.startsWith("musl")) ? { libc: ["musl"] } : {};
	const os = found<string>({ ...systems, openharmony: "openharmony" });
	const cpu = found<string>(processors);
	if (os.length !== 1 || cpu.length !== 1) throw new Error(`${name} does not say for which platform it is`);
	return { version, cpu, dev: true, ...libc, optional: true, os };
}

/**
 * npm leaves packages for other platforms out of the lock file when it has not seen them, and `npm ci` then refuses the
 * whole file (https://github.com/npm/cli/issues/4828). This puts them in: nothing is fetched for a platform that it is
 * not, so only name, version and platform matter.
 */
export function complete(lock: { packages: Record<string, Locked> }): { packages: Record<string, Locked> } {
	const packages = { ...lock.packages };
	for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
		for (const [name, version] of Object.entries(optionalDependencies)) {
			const known = Object.keys(packages).some((place) => place.endsWith(`node_modules/${name}`));
			if (!known) packages[`node_modules/${name}`] = entryOf(name, version);
		}
	}
	const [own, ...others] = Object.entries(packages);
	if (!own) return lock;
	return { ...lock, packages: Object.fromEntries([own, ...others.sort(([a], [b]) => a.localeCompare(b, "en"))]) };
}

async function read(): Promise<{ text: string; wanted: string }> {
	const text = await readFile(path, "utf8");
	const lock = JSON.parse(text);
	const missing = Object.keys(complete(lock).packages).length - Object.keys(lock.packages).length;
	return { text, wanted: missing === 0 ? text : `${JSON.stringify(complete(lock), null, "\t")}\n` };
}

export const lockfile: Generator = {
	async check() {
		const { text, wanted } = await read();
		return text === wanted ? [] : ["package-lock.json leaves out packages for other platforms"];
	},
	async write() {
		const { text, wanted } = await read();
		if (text === wanted) return;
		await writeFile(path, wanted);
		console.log("package-lock.json has the packages for every platform");
	},
};
