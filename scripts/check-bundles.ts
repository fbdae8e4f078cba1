import type { WorkerName } from "../shared/events/topology.ts";
import { bundle, forbiddenIn } from "./bundles.ts";
import { configs, workerNames } from "./workers.ts";

const kibibyte = 1024;
/** Gzipped, in bytes: start-up time grows with it. */
const limit = (worker: WorkerName) => (worker === "customer" ? 75 : 60) * kibibyte;
const shown = (bytes: number) => `${(bytes / kibibyte).toFixed(1)} KiB`;

/** Bundles every Worker, prints the gzipped sizes, and fails for one that is too big or contains what it must not. */
for (const worker of workerNames) {
	const made = await bundle(configs[worker]);
	const forbidden = forbiddenIn(made);
	const tooBig = made.size > limit(worker);
	console.log(`${worker} ${shown(made.size)} of ${shown(limit(worker))}${tooBig ? ": too big" : ""}`);
	for (const file of forbidden) console.log(`${worker} must not contain ${file}`);
	if (tooBig || forbidden.length > 0) process.exitCode = 1;
}
