import { readFileSync, writeFileSync } from "node:fs";
import { queueBinding, queuesOf, queuesSentBy, topology, type WorkerName } from "../shared/events/topology.ts";
import { configs } from "./workers.ts";

const marker = "# queues: from here on written by `npm run generate` out of shared/events/topology.ts\n";

/** The queue part of a Worker's wrangler.toml, as the topology has it. */
function queueConfig(worker: WorkerName): string {
	const producers = queuesSentBy(topology, worker).map(
		(queue) => `\n[[queues.producers]]\nqueue = "${queue}"\nbinding = "${queueBinding(queue)}"\n`,
	);
	const consumers = Object.entries(queuesOf(topology))
		.filter(([, { consumer }]) => consumer === worker)
		.map(([queue, settings]) => {
			const deadLetters = settings.deadLetterQueue ? `dead_letter_queue = "${settings.deadLetterQueue}"\n` : "";
			return `
[[queues.consumers]]
queue = "${queue}"
max_batch_size = ${settings.maxBatchSize}
max_batch_timeout = ${settings.maxBatchTimeout}
max_retries = ${settings.maxRetries}
max_concurrency = ${settings.maxConcurrency}
${deadLetters}`;
		});
	return [...producers, ...consumers].join("");
}

/** Writes it, or with `--check` only says where it is out of date. */
const check = process.argv.includes("--check");
for (const [worker, path] of Object.entries(configs) as [WorkerName, string][]) {
	const text = readFileSync(path, "utf8");
	const at = text.indexOf(marker);
	if (at < 0) throw new Error(`${path} has no line that marks where its queues begin`);
	const wanted = text.slice(0, at) + marker + queueConfig(worker);
	if (wanted === text) continue;
	if (check) {
		console.error(`${path} does not follow the topology: npm run generate`);
		process.exitCode = 1;
	} else {
		writeFileSync(path, wanted);
		console.log(`${path} follows the topology`);
	}
}
