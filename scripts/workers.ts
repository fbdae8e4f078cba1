import type { WorkerName } from "../shared/events/topology.ts";

/** Where each deployed Worker's configuration stands, from the root of the repository. */
export const configs: Readonly<Record<WorkerName, string>> = {
	customer: "wrangler.toml",
	sysops: "workers/sysops/wrangler.toml",
};

export const workerNames = Object.keys(configs) as WorkerName[]; // the keys are WorkerName by the type
