import { bundle, forbiddenIn } from "./bundles.ts";
import { configs, type DeployedWorker, deployedWorkers } from "./workers.ts";

const kibibyte = 1024;
/** Gzipped, in bytes: start-up time grows with it. */
const limits: Readonly<Record<DeployedWorker, number>> = {
	// every page of the portal: those of invoices and payments have brought it from 82 to 86
	customer: 90,
	identity: 320,
	notification: 60,
	sysops: 60,
	billing: 120, // 32 of them are Stripe's package; no customer's request waits for this Worker
	analytics: 60,
};
/** better-auth checks its own input with zod, and is what identity is a Worker of its own for. */
const allowed: Partial<Record<DeployedWorker, readonly string[]>> = {
	identity: ["better-auth", "zod", "drizzle-orm"],
};
const limit = (worker: DeployedWorker) => limits[worker] * kibibyte;
const shown = (bytes: number) => `${(bytes / kibibyte).toFixed(1)} KiB`;

/** Bundles every Worker, prints the gzipped sizes, and fails for one that is too big or contains what it must not. */
for (const worker of deployedWorkers) {
	const made = await bundle(configs[worker]);
	const forbidden = forbiddenIn(made, allowed[worker]);
	const tooBig = made.size > limit(worker);
	console.log(`${worker} ${shown(made.size)} of ${shown(limit(worker))}${tooBig ? ": too big" : ""}`);
	for (const file of forbidden) console.log(`${worker} must not contain ${file}`);
	if (tooBig || forbidden.length > 0) process.exitCode = 1;
}
