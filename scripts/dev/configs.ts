import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import * as v from "valibot";
import { root } from "../run.ts";
import { configs, type DeployedWorker } from "../workers.ts";

/** What the local stack reads of a Worker's wrangler.toml. */
const WranglerToml = v.object({
	vars: v.optional(v.record(v.string(), v.unknown()), {}),
	secrets: v.optional(v.object({ required: v.array(v.string()) }), { required: [] }),
	triggers: v.optional(v.object({ crons: v.array(v.string()) }), { crons: [] }),
	d1_databases: v.optional(v.array(v.object({ binding: v.string(), database_id: v.string(), migrations_dir: v.string() })), []),
});

export interface WorkerConfig extends v.InferOutput<typeof WranglerToml> {
	readonly worker: DeployedWorker;
	/** Absolute. */
	readonly path: string;
}

/** Every Worker of the product, as its own configuration has it. */
export const workerConfigs: readonly WorkerConfig[] = Object.entries(configs).map(([worker, path]) => ({
	...v.parse(WranglerToml, parse(readFileSync(join(root, path), "utf8"))),
	worker: worker as DeployedWorker, // the keys of `configs`
	path: join(root, path),
}));
