import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { root, run } from "./run.ts";

/** What is deployed must not contain these, whoever imports them: each is larger than what it would be used for. */
const forbiddenPackages = ["zod", "hono-openapi", "drizzle-orm", "better-auth"];
const forbiddenFolders = ["shared/testing/", "scripts/", "test/"];

export interface Bundle {
	readonly code: string;
	/** Bytes, gzipped, of all the code. */
	readonly size: number;
	/** Every file of which the bundle contains something, from the root of the repository. */
	readonly files: readonly string[];
}

interface Metafile {
	outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

/** Bundles a Worker as a deployment would, without deploying. `config` from the root of the repository. */
export async function bundle(config: string): Promise<Bundle> {
	const out = await mkdtemp(join(tmpdir(), "bundle-"));
	try {
		const { ok, output } = await run("wrangler", ["deploy", `--config=${config}`, "--dry-run", `--outdir=${out}`, "--metafile"]);
		if (!ok) throw new Error(`${config} cannot be bundled:\n${output}`);
		const { outputs }: Metafile = JSON.parse(await readFile(join(out, "bundle-meta.json"), "utf8"));
		const inputs = Object.values(outputs).flatMap((file) => Object.entries(file.inputs));
		const contained = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
		const base = dirname(join(root, config)); // esbuild's paths are relative to it
		const code = await readFile(join(out, "index.js"), "utf8");
		return {
			code,
			size: gzipSync(code).length,
			files: contained.map((path) => relative(root, resolve(base, path))),
		};
	} finally {
		await rm(out, { recursive: true });
	}
}

/** Which of a bundle's files must not be in it; `allowed` are packages that this Worker may have. */
export function forbiddenIn({ files }: Pick<Bundle, "files">, allowed: readonly string[] = []): string[] {
	const forbidden = forbiddenPackages.filter((name) => !allowed.includes(name));
	return files.filter((file) => {
		const [, packaged] = /.*\bnode_modules\/(.+)$/.exec(file) ?? [];
		return packaged
			? forbidden.some((name) => packaged.startsWith(`${name}/`))
			: forbiddenFolders.some((folder) => file.startsWith(folder));
	});
}
