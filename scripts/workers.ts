import type { WorkerName } from "../shared/events/topology.ts";

/** Every Worker that is deployed. */
export type DeployedWorker = WorkerName | "identity";

/** Where each one's configuration stands, from the root of the repository; a Worker before those that call it. */
export const configs: Readonly<Record<DeployedWorker, string>> = {
	customer: "wrangler.toml",
	identity: "workers/identity/wrangler.toml",
	notification: "workers/notification/wrangler.toml",
	sysops: "workers/sysops/wrangler.toml",
	billing: "workers/billing/wrangler.toml",
	analytics: "workers/analytics/wrangler.toml",
};

export const deployedWorkers = Object.keys(configs) as DeployedWorker[]; // the keys are its own

/** Those with events. */
export const workerNames = deployedWorkers.filter((worker): worker is WorkerName => worker !== "identity");
